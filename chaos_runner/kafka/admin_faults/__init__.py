"""Faults of the cluster itself, put on and taken back by a process of their own."""
