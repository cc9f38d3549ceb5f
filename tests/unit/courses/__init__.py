"""Courses of faults: written, planned, executed and shown."""
