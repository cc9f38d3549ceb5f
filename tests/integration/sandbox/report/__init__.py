"""What other programs, and browsers, make of reports."""
