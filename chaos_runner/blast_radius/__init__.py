"""Whom the planned faults would affect, worked out before anything is done. Pure functions."""
