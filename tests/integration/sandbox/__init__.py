"""Tests in namespaces of their own: real nft, tc, sshd and systemd, root, but no lab."""
