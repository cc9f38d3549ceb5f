"""Fault kinds on the resources of a host: disks, CPUs, memory, the clock."""
