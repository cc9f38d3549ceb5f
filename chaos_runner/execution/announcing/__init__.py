"""What a run tells people while it goes on."""
