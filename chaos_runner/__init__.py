"""Break a Kafka fleet on purpose, for a bounded time, and put every host back."""

__version__ = "0.1.0"
