"""The properties of Kafka clients: profiles, the user's own, and what these may reach for."""
