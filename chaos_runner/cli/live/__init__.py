"""The display of a run as it happens."""
