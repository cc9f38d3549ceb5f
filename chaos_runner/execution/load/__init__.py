"""The load that goes on beside the probe."""
