"""Fault kinds that a load balancer reacts to."""
