"""Which usual causes fit what a run shows: hypotheses with evidence, never certainty."""
