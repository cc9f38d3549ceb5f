"""What the user writes: models, loading, JSON Schema, tolerances and their judging."""
