"""Taking faults back over both channels, and proving that the hosts are clean."""
