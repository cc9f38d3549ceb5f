"""Who walks through an agenda: one process at a time, and the kernel knows which.

The lock is one of POSIX: it belongs to the process, no child keeps it, it goes with a kill, and
the kernel says who holds it. So nobody is signalled because a file names its number.
"""

from __future__ import annotations

import fcntl
import os
import signal
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chaos_runner.errors import RefusedError, UsageError

LOCK_NAME = "walk.lock"
_FLOCK = "hhqqi"
"""`struct flock` of fcntl(2): type, whence, start, length, process."""
_OPEN = os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC


@contextmanager
def walk_lock(directory: Path) -> Iterator[None]:
    """Hold the lock of a game day; raise RefusedError where another process has it."""
    path = directory / LOCK_NAME
    try:
        descriptor = os.open(path, _OPEN | os.O_CREAT, 0o644)
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror}") from error
    try:
        try:
            fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise RefusedError(
                f"process {_holder(descriptor)} walks through this game day already",
                "go on there; other shells note, notice and abort",
            ) from None
        yield
    finally:
        os.close(descriptor)


def walker_of(directory: Path) -> int | None:
    """Return the process that walks through a game day, or None where nobody does."""
    try:
        descriptor = os.open(directory / LOCK_NAME, _OPEN)
    except OSError:
        return None
    try:
        return _holder(descriptor)
    finally:
        os.close(descriptor)


def signal_walker(directory: Path, number: signal.Signals) -> bool:
    """Send a signal to the process that walks through a game day; return whether there is one.

    Raises PermissionError where it is another user's.
    """
    process = walker_of(directory)
    if process is None:
        return False
    try:
        descriptor = os.pidfd_open(process)
    except ProcessLookupError:
        return False
    try:
        # Looked at once more through what cannot become another process.
        if walker_of(directory) != process:
            return False
        signal.pidfd_send_signal(descriptor, number)
    except ProcessLookupError:
        return False
    finally:
        os.close(descriptor)
    return True


def _holder(descriptor: int) -> int | None:
    asked = struct.pack(_FLOCK, fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
    kind, _, _, _, process = struct.unpack(_FLOCK, fcntl.fcntl(descriptor, fcntl.F_GETLK, asked))
    return None if kind == fcntl.F_UNLCK or process <= 0 else int(process)
