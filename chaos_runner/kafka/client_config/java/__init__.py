"""Kafka's Java client: its properties, stores and logins, translated for librdkafka."""
