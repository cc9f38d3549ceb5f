"""Fault kinds that concern the Kafka cluster itself."""
