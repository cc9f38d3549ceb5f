"""Questions to `chaos-guard` as the text of a shell script, for Ansible's `raw`.

It travels as base64 through the login shell, so that no quoting touches it. Ansible is given the
finished text, the same for all hosts where that can be: a template would be compiled anew for every
host, which costs more than the question.
"""

from __future__ import annotations

import base64
import shlex
from collections.abc import Sequence

from chaos_runner.hosts.guard import GUARD_PATH, guard_source, installed, streamed

SIZE_OF_A_FAULT = 24 * 1024
"""Bytes, at least, of what carries a fault of any kind to a host. A sudo that logs or intercepts
what its commands start kills a large one: the question before any fault is as large, to show it."""
_END = "END_OF_THE_HOST_GUARD"


def raw_command(script: bytes) -> str:
    """Return the command that runs a script on a host, whichever login shell is there."""
    return f"echo {base64.b64encode(script).decode()} | base64 -d | sh"


def to_installed(token: str, *words: str, size: int = 0) -> bytes:
    """Return a question to the guard that is installed; it says nothing unless it is ours.

    It has at least so many bytes, of which most may be a comment.
    """
    question = shlex.join(installed(*words, token=token).arguments).encode()
    return (
        question + b" #" + b"." * (size - len(question) - 2) if len(question) < size else question
    )


def to_streamed(token: str, *words: str) -> bytes:
    """Return a question that brings the guard along, for where none is installed."""
    _, _, _, *arguments = streamed(*words, token=token).arguments
    return f"set -- {shlex.join(arguments)}\n".encode() + guard_source()


def installing(token: str) -> bytes:
    """Return what puts the guard that comes with the package in its place; it needs a file."""
    return b"".join(
        (
            b"program=$(mktemp /run/chaos-guard.XXXXXX 2>/dev/null || mktemp) && ",
            f"cat >\"$program\" <<'{_END}'\n".encode(),
            guard_source(),
            f'{_END}\nsh "$program" --token {token} install\n'.encode(),
            b'code=$?\nrm -f "$program"\nexit $code\n',
        )
    )


def injecting(token: str, script: str, words: Sequence[str]) -> bytes:
    """Return what gives the installed guard a fault's script, byte for byte, and says `inject`."""
    encoded = base64.b64encode(script.encode()).decode()
    arguments = shlex.join(["--token", token, "inject", *words])
    return f"printf %s {encoded} | base64 -d |\nsh {GUARD_PATH} {arguments}\n".encode()
