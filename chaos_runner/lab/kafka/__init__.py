"""Kafka on a lab's hosts: its configuration, and whether a broker is registered."""
