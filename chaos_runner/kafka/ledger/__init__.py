"""What became of every record, in little memory. Pure; times and offsets are passed in."""
