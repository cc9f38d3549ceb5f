"""The SSH channel: as OpenSSH would go, without Ansible, through paramiko."""
