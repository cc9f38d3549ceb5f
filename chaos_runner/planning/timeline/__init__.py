"""When each fault of an experiment comes, and for how long it may stay."""
