"""Read and write files that somebody else may have named, made or planted.

A name in an experiment or in a received folder can lead anywhere: to a device that never ends, a
pipe that nobody writes to, a link to a file of the user's. So what is read is a regular file,
never waited for and never more than a limit; what is written is a new file that is then put in
place, so that no link is followed and nobody ever sees half of it.
"""

from __future__ import annotations

import errno
import fcntl
import os
import resource
import secrets
import stat
import time
from pathlib import Path
from typing import BinaryIO

LARGEST_TEXT = 1024 * 1024
"""Bytes of a file that people write by hand: an experiment, properties, a workspace, a lab."""

_KINDS = {
    stat.S_IFDIR: "a directory",
    stat.S_IFIFO: "a named pipe",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFSOCK: "a socket",
    stat.S_IFLNK: "a link",
}
_KERNELS = (Path("/proc"), Path("/sys"))
"""Where reading may take what others wait for (/proc/kmsg), or tell what is nobody's file."""
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_LOOK_AGAIN = 0.02
"""Seconds between two looks at a lock."""
_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC


def open_regular(file: Path) -> BinaryIO:
    """Open a regular file for reading, without ever waiting.

    Raises IsADirectoryError, or OSError whose `strerror` is in words for pipes, devices, and what
    the kernel only shows as files.
    """
    # Looked at before it is opened as well, for opening some devices already does something.
    status = file.stat()
    _require_regular(file, status.st_mode)
    if any(each.is_mount() and each.stat().st_dev == status.st_dev for each in _KERNELS):
        raise OSError(errno.EINVAL, "it is one of the kernel's", str(file))
    descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    try:
        _require_regular(file, os.fstat(descriptor).st_mode)
        return os.fdopen(descriptor, "rb")
    except OSError:
        os.close(descriptor)
        raise


def is_file(path: Path) -> bool:
    """Tell whether a regular file is there; a name that no file can have is none's."""
    try:
        return path.is_file()
    except OSError:
        return False


def read_limited(file: Path, limit: int = LARGEST_TEXT) -> bytes:
    """Return the bytes of a regular file; raise OSError when it has more than `limit`."""
    with open_regular(file) as stream:
        return read_rest(stream, limit)


def read_rest(stream: BinaryIO, limit: int) -> bytes:
    """Return what an open file holds; raise OSError in words when it is more than `limit` bytes."""
    content = stream.read(limit + 1) or b""  # None where there is nothing to read without waiting
    if len(content) > limit:
        raise OSError(errno.EFBIG, f"it is larger than {limit // 1024**2} MiB")
    return content


def replace_file(file: Path, content: bytes, mode: int = 0o644, *, durable: bool = False) -> None:
    """Put a new file in place of whatever regular file or link has that name.

    A link is replaced, never followed. A `durable` one is on disk on return. Raises
    OSError, having changed nothing: the directory cannot be written, or a directory, device or
    pipe has the name.
    """
    directory = os.open(file.parent, _DIRECTORY)
    try:
        _replace_in(directory, file, content, mode, durable=durable)
        if durable:
            os.fsync(directory)
    finally:
        os.close(directory)


def create_in(directory: Path, name: str) -> BinaryIO:
    """Make a new file in a directory that is no link itself, and open it for writing.

    Raises FileExistsError when anything has that name, a link included.
    """
    opened = os.open(directory, _DIRECTORY | os.O_NOFOLLOW)
    try:
        return os.fdopen(os.open(name, _NEW, 0o644, dir_fd=opened), "wb")
    finally:
        os.close(opened)


def lock_soon(descriptor: int, patience: float = 5.0) -> bool:
    """Lock an open file against other writers of ours; return whether it was done in time.

    Whoever may read a file may lock it, and keep the lock for ever.
    """
    deadline = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                return False
            time.sleep(_LOOK_AGAIN)
        else:
            return True


def allow_open_files(wanted: int) -> int:
    """Raise the limit of open files to `wanted` where that may be, and return what it is then.

    By default it is 1024, and more where a process asks for them.
    """
    limit, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if limit == resource.RLIM_INFINITY or limit >= wanted:
        return wanted
    limit = wanted if most == resource.RLIM_INFINITY else min(most, wanted)
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, most))
    return limit


def _replace_in(directory: int, file: Path, content: bytes, mode: int, *, durable: bool) -> None:
    try:
        there = os.stat(file.name, dir_fd=directory, follow_symlinks=False).st_mode
    except FileNotFoundError:
        there = stat.S_IFREG
    if not stat.S_ISLNK(there):
        _require_regular(file, there)
    unfinished = f".{file.name[:200]}.{secrets.token_hex(8)}.unfinished"
    descriptor = os.open(unfinished, _NEW, mode, dir_fd=directory)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            os.fchmod(descriptor, mode)  # whatever the umask
            if durable:
                stream.flush()
                os.fsync(descriptor)
        os.replace(unfinished, file.name, src_dir_fd=directory, dst_dir_fd=directory)
    except BaseException:
        os.unlink(unfinished, dir_fd=directory)
        raise


def _require_regular(file: Path, mode: int) -> None:
    kind = stat.S_IFMT(mode)
    if kind == stat.S_IFDIR:
        raise IsADirectoryError(errno.EISDIR, "it is a directory", str(file))
    if kind != stat.S_IFREG:
        raise OSError(errno.EINVAL, f"it is {_KINDS.get(kind, 'no regular file')}", str(file))
