"""One `lab up` or `lab down` of a lab at a time."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from chaos_runner.lab.layout import LabPlace


@contextmanager
def locked(place: LabPlace, tell: Callable[[str], None]) -> Iterator[int]:
    """Hold the lab's lock and yield its descriptor; wait (and tell so) while another holds it.

    The file is removed at the end when the lab is gone by then.
    """
    place.lock.parent.mkdir(parents=True, exist_ok=True)
    descriptor = _acquire(place, tell)
    try:
        yield descriptor
    finally:
        if not place.directory.exists():
            place.lock.unlink(missing_ok=True)
        os.close(descriptor)


def _acquire(place: LabPlace, tell: Callable[[str], None]) -> int:
    while True:
        descriptor = os.open(place.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            tell("waiting for another lab command to end")
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        # Whoever held it may have removed the file: then this lock is on nothing.
        if place.lock.exists() and place.lock.stat().st_ino == os.fstat(descriptor).st_ino:
            return descriptor
        os.close(descriptor)
