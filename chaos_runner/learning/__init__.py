"""What a workspace learns over its runs: findings, history, diagnosis, and what to try next."""
