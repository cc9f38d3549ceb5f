"""Enter the lab's network namespace, where its hosts can be reached."""

from __future__ import annotations

import ctypes
import os
from pathlib import Path

from chaos_runner.errors import LabError

_CLONE_NEWNET = 0x40000000
"""From linux/sched.h; Python has os.setns and its flags only since 3.12."""


def namespace_path(name: str) -> Path:
    """Return where iproute2 keeps a named network namespace."""
    return Path("/run/netns") / name


def enter(name: str) -> None:
    """Move the calling thread into a network namespace; new threads and children follow.

    Call it before the process has threads to move the whole process. Raises LabError when
    there is no such namespace (the lab is down) or the caller is not root.
    """
    try:
        handle = os.open(namespace_path(name), os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        raise LabError(
            f"there is no network namespace `{name}`: the lab is not up ({error.strerror})",
            "`chaos-runner lab up` starts it",
        ) from error
    try:
        _set_namespace(handle, name)
    finally:
        os.close(handle)


def _set_namespace(handle: int, name: str) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.setns(handle, _CLONE_NEWNET) != 0:
        reason = os.strerror(ctypes.get_errno())
        raise LabError(f"cannot enter network namespace `{name}`: {reason}", "run it as root")
