"""Fault kinds on the network."""
