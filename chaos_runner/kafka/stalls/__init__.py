"""Clients that are stuck: found, told from a cluster that is down, and rebuilt."""
