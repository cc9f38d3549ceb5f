"""A plan: an experiment resolved against an inventory and a cluster, before anything is done."""
