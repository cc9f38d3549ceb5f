"""Who walks through an agenda: one process at a time, and the kernel knows which."""

from __future__ import annotations

import signal
from contextlib import AbstractContextManager
from pathlib import Path

from chaos_runner.journal.process_lock import hold_lock, holder_of, signal_holder

LOCK_NAME = "walk.lock"


def walk_lock(directory: Path) -> AbstractContextManager[None]:
    """Hold the lock of a game day; raise RefusedError where another process has it."""
    return hold_lock(
        directory / LOCK_NAME,
        "walks through this game day",
        "go on there; other shells note, notice and abort",
    )


def walker_of(directory: Path) -> int | None:
    """Return the other process that walks through a game day, or None where nobody does."""
    return holder_of(directory / LOCK_NAME)


def signal_walker(directory: Path, number: signal.Signals) -> bool:
    """Send a signal to the process that walks through a game day; return whether there is one.

    Raises PermissionError where it is another user's.
    """
    return signal_holder(directory / LOCK_NAME, number)
