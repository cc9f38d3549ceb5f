"""Who is at work in a directory: one process at a time, and the kernel knows which.

The lock is one of POSIX: it belongs to the process, no child keeps it, it goes with a kill, and
the kernel says who holds it. So nobody is signalled because a file names its number. A process
that holds a lock must not open its file anew: closing it would give the lock up.
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
from chaos_runner.journal.journal import journals_in

RUN_LOCK = "run.lock"
"""Beside the journal of a run; whoever executes it holds it until its journal is closed."""
_FLOCK = "hhqqi"
"""`struct flock` of fcntl(2): type, whence, start, length, process."""
_TRIES = 4
_SAFE = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


@contextmanager
def hold_lock(path: Path, what: str, hint: str) -> Iterator[None]:
    """Hold a lock; raise RefusedError where another process has it.

    `what` says what a holder does: `walks through this game day`.
    """
    for tries_left in reversed(range(_TRIES)):
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | _SAFE, 0o600)
        except OSError as error:
            raise UsageError(f"{path}: cannot be written: {error.strerror}") from error
        try:
            if _lock(descriptor, path, what, hint, insist=not tries_left):
                yield
                return
        finally:
            os.close(descriptor)


def _lock(descriptor: int, path: Path, what: str, hint: str, *, insist: bool) -> bool:
    """Lock an open file, and let others look who holds it; False where it is to be opened anew.

    Whoever may read a file can lock it for reading, and keep the lock: a file that nobody but
    readers have locked is replaced by a new one, which nobody can open before it is locked.
    """
    try:
        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        writer = _holder(descriptor, fcntl.F_RDLCK)
        if writer is None and not insist:
            path.unlink(missing_ok=True)
            return False
        holder = writer or _holder(descriptor, fcntl.F_WRLCK)
        raise RefusedError(f"process {holder} {what} already", hint) from None
    except OSError as error:
        raise UsageError(
            f"{path}: cannot be locked: {error.strerror}", "name another directory: --runs"
        ) from error
    if not insist and not os.path.samestat(os.fstat(descriptor), _status(path)):
        return False
    os.fchmod(descriptor, 0o644)
    return True


def _status(path: Path) -> os.stat_result:
    try:
        return path.lstat()
    except FileNotFoundError:
        return os.stat_result([0] * 10)


def holder_of(path: Path) -> int | None:
    """Return the other process that holds a lock, or None where none does.

    Only one that may write the file counts, for anybody who may read it can lock it for reading;
    and no file that has another name too, for that may be the lock of something else.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | _SAFE)
    except OSError:
        return None
    try:
        if os.fstat(descriptor).st_nlink > 1:
            return None
        return _holder(descriptor, fcntl.F_RDLCK)
    finally:
        os.close(descriptor)


def signal_holder(path: Path, number: signal.Signals) -> bool:
    """Send a signal to the process that holds a lock; return whether there is one.

    Raises PermissionError where it is another user's.
    """
    process = holder_of(path)
    if process is None:
        return False
    try:
        descriptor = os.pidfd_open(process)
    except ProcessLookupError:
        return False
    try:
        # Looked at once more through what cannot become another process.
        if holder_of(path) != process:
            return False
        signal.pidfd_send_signal(descriptor, number)
    except ProcessLookupError:
        return False
    finally:
        os.close(descriptor)
    return True


def runs_on(runs_directory: Path) -> dict[str, Path]:
    """Return the runs of a directory that another process executes now, with their directories."""
    found = {run: journal.parent for run, journal in journals_in(runs_directory).items()}
    return {run: each for run, each in found.items() if holder_of(each / RUN_LOCK) is not None}


def _holder(descriptor: int, wanted: int) -> int | None:
    """Return the process whose lock keeps one of the wanted kind away."""
    asked = struct.pack(_FLOCK, wanted, os.SEEK_SET, 0, 0, 0)
    try:
        answer = fcntl.fcntl(descriptor, fcntl.F_GETLK, asked)
    except OSError:  # a file system without locks
        return None
    kind, _, _, _, process = struct.unpack(_FLOCK, answer)
    return None if kind == fcntl.F_UNLCK or process <= 0 else int(process)
