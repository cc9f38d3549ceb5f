"""Directories of one process, readable by its user only; those of killed ones are swept.

The owner holds a lock on the directory for as long as it lives, and the kernel lets go of it
however the owner ends. So what nobody holds a lock on is left over, in whatever namespace of
processes its owner was.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from chaos_runner.hosts.ansible.orphans import end_processes_of

WORK_DIRECTORY = Path("/tmp")  # noqa: S108
"""Where they are made: sockets in them must stay under the 108 bytes of a Unix socket's path."""
_PREFIX = "cr-"
_UNOWNED_PREFIX = ".cr-"
"""The name until the lock is held, so that nobody sweeps a directory that is just being made."""
_EXIT_TIMEOUT = 5.0
"""Seconds for ssh to end a shared connection; ssh itself ends it a minute after its last use."""


def make_private_directory(parent: Path) -> tuple[Path, int]:
    """Return a new directory and the descriptor that holds its lock; close that to give it up."""
    made = Path(tempfile.mkdtemp(prefix=_UNOWNED_PREFIX, dir=parent))
    lock = os.open(made, os.O_RDONLY | os.O_DIRECTORY)
    fcntl.flock(lock, fcntl.LOCK_EX)
    return made.rename(made.with_name(_PREFIX + made.name.removeprefix(_UNOWNED_PREFIX))), lock


def remove_private_directory(directory: Path, lock: int) -> None:
    """Remove the directory with everything in it, and let go of its lock."""
    shutil.rmtree(directory, ignore_errors=True)
    os.close(lock)


@contextmanager
def private_directory(parent: Path) -> Iterator[Path]:
    """Give a directory that is gone after the block."""
    directory, lock = make_private_directory(parent)
    try:
        yield directory
    finally:
        remove_private_directory(directory, lock)


def write_privately(path: Path, text: str) -> None:
    """Write a new file that only this user can read; raises FileExistsError."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)


@contextmanager
def command_in_memory(private: Path, run: str) -> Iterator[None]:
    """Keep the file with the command and its whole environment off every disk.

    ansible-runner opens it by its name below the name of the run, so that name leads to a file
    that only memory holds.
    """
    memory = os.memfd_create("command")
    try:
        artifacts = private / "artifacts" / run
        artifacts.mkdir(mode=0o700, parents=True)
        (artifacts / "command").symlink_to(f"/proc/{os.getpid()}/fd/{memory}")
        yield
    finally:
        os.close(memory)


def sweep(parent: Path) -> None:
    """End and remove what killed processes of this user left in `parent`.

    Whatever is not this user's own directory, or is held by somebody, is passed over.
    """
    for entry in parent.glob(f"{_PREFIX}*"):
        with suppress(OSError), _unheld(entry) as left:
            if left:
                end_processes_of(entry)
                end_connections(entry)
                shutil.rmtree(entry, ignore_errors=True)


@contextmanager
def _unheld(directory: Path) -> Iterator[bool]:
    """Hold the lock on a directory; give False where it is another's, or in use."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        status = os.fstat(descriptor)
        own = status.st_uid == os.geteuid() and stat.S_IMODE(status.st_mode) == stat.S_IRWXU
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            own = False
        yield own
    finally:
        os.close(descriptor)


def end_connections(directory: Path) -> None:
    """End the shared SSH connections whose sockets are in the directory."""
    for socket in directory.glob("*"):  # nothing, where somebody tidied the directory away
        if not socket.is_socket():
            continue
        with suppress(OSError, subprocess.SubprocessError):
            subprocess.run(
                ["ssh", "-O", "exit", "-o", f"ControlPath={socket}", "unused"],
                capture_output=True,
                timeout=_EXIT_TIMEOUT,
                check=False,
            )
