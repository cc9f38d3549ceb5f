"""How far the faults of a run have come."""
