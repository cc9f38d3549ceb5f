"""What is normal, measured, beside what an experiment tolerates."""
