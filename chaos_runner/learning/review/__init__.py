"""What findings and history say together: change log, gate, insights."""
