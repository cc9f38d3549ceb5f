"""One cluster as its metadata shows it: brokers, topics, health, and what the user may do there."""
