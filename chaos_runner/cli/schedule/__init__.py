"""The commands of schedules: `schedule check` and `monkey`."""
