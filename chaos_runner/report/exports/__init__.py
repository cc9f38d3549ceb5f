"""The story of a run in the formats of other programs, one module a format: pure functions."""
