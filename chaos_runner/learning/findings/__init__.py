"""Findings: something to improve, with urgency, owner and date, each a YAML file."""
