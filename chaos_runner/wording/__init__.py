"""Sentences made of typed facts: the one place, for terminal, report and messages alike."""
