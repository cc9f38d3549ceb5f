"""Execution nodes: how programs are started on one, with the keys and host keys of its zone."""
