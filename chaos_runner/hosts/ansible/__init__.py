"""The Ansible channel: playbooks through ansible-runner, in an environment of their own."""
