"""The kinds of checks, a class each; the registry finds them here."""
