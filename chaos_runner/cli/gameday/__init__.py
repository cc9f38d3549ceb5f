"""`chaos-runner gameday`: faults with people, planned, held and learned from."""
