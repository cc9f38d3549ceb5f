"""The tolerances, a class each; the registry finds them here."""
