"""Inventories as Ansible itself reads them."""
