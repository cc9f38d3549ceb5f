"""Game days: checked before they are held, walked through, noted, aborted and reported."""
