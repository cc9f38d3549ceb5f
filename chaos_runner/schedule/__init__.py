"""A schedule: which experiments come when, and what keeps one away; pure but for its files."""
