"""What a report shows, folded from a journal, as frozen data."""
