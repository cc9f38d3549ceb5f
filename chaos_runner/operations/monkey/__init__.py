"""The monkey: works a schedule off, and keeps what it knows in a journal alone."""
