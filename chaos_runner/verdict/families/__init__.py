"""What tolerances of one kind have in common: percentiles, worst answers, shares."""
