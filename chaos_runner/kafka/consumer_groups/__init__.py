"""Consumer groups of the user's that the probe follows: commits, members, lag."""
