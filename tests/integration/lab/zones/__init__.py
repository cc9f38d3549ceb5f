"""Runs over execution nodes, in a lab of their own."""
