"""Leases: renewed per host while a fault is held."""
