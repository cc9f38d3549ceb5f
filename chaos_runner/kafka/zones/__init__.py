"""Probes on several machines at once, as one."""
