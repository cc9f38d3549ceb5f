"""The fault kinds of the project: one file each, found by `chaos_runner.faults.registry`."""
