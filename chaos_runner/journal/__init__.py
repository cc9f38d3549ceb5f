"""The journal of a run: its events, written as they happen, and read back."""
