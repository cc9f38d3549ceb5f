"""What the live page shows, as plain data."""
