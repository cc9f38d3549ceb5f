"""The Kafka probe: a process of its own, and what the rest of chaos-runner knows of it."""
