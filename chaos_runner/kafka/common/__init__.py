"""What the parts of the probe share: messages, notices, the schedule of records."""
