"""What the measurements mean: pure functions of buckets, health answers and outages."""
