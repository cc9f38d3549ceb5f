"""Checks: what else of the user's is asked whether all is well; a class each below `kinds`."""
