"""A look at a whole cluster in a process of its own, for `plan` and `doctor`."""
