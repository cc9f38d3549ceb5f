"""The two hands on a host: Ansible through ansible-runner, and SSH through paramiko."""
