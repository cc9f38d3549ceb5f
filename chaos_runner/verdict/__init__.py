"""The judge: what was measured against what was tolerated. Pure functions."""
