"""Faults taken back, hosts looked at, and fleets halted, whatever became of the runs."""
