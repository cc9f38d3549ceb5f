"""Where to begin and what to try next, each with its evidence and a ready experiment."""
