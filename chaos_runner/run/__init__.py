"""One execution of a plan: its phases, its journal, its roll-back."""
