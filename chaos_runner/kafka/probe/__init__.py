"""The probe: its process, its main loop, and the run's end of it."""
