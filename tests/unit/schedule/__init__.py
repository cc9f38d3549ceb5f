"""Schedules: read, simulated for years, and worked off."""
