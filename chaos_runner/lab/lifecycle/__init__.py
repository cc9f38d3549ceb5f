"""Bringing a lab up, waiting until it is ready, taking it down."""
