"""The commands that learn from runs: findings, history, diagnosis, what to try next."""
