"""One execution of a plan: its phases, its faults held and renewed, its safeguards, its end."""
