"""What stops a run before its end: signals, and the halt switch."""
