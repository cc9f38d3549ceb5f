"""Fault kinds on systemd services."""
