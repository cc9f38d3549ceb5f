"""Game days: an agenda of experiments with people, as it is planned, as it goes, as it went."""
