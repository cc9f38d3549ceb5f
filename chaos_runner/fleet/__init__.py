"""The hosts of an inventory: what they are, what they can carry, which are chosen."""
