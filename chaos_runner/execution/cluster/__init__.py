"""Faults of the Kafka cluster while a run holds them."""
