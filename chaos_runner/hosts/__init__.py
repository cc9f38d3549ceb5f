"""The two channels to a host: Ansible through ansible-runner, and SSH through paramiko."""
