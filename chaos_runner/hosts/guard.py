"""Speak to `chaos-guard`: the commands it understands, and its answers found in any output.

Every question carries a random token, which the guard repeats in its answer. What else a host
prints (banners, start files, warnings of sudo, old answers in some file) does not have it and is
passed over, whatever it looks like.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

from chaos_runner.content import content_directory
from chaos_runner.hosts.guard_answer import GuardAnswer
from chaos_runner.hosts.host_json import json_object

GUARD_PATH = "/usr/local/sbin/chaos-guard"


_IF_IT_IS_OURS = (
    "[ -f {guard} ] || exit 0; "
    'case $(sha256sum <{guard}) in "$1 "*) shift; exec sh {guard} "$@" </dev/null ;; esac'
)


@dataclass(frozen=True)
class SafeguardCommand:
    """One question to a host's guard, as an argument list and what goes to its stdin."""

    arguments: tuple[str, ...]
    stdin: bytes | None = None
    token: str | None = None
    """What the answer must repeat."""


def new_token() -> str:
    """Return what nobody can guess, in letters that every shell leaves as they are."""
    return secrets.token_hex(16)


def installed(verb: str, *arguments: str, token: str | None = None) -> SafeguardCommand:
    """Return a question to the guard that is installed on the host.

    It says nothing unless it is byte for byte the one that comes with this package. A shell reads
    it, for where its file system executes nothing.
    """
    token = token or new_token()
    words = ("chaos-guard", guard_digest(), "--token", token, verb, *arguments)
    return SafeguardCommand(
        ("sh", "-c", _IF_IT_IS_OURS.format(guard=GUARD_PATH), *words), token=token
    )


def streamed(verb: str, *arguments: str, token: str | None = None) -> SafeguardCommand:
    """Return a question that brings the guard along on stdin: nothing need be installed."""
    token = token or new_token()
    words = ("sh", "-s", "--", "--token", token, verb, *arguments)
    return SafeguardCommand(words, stdin=guard_source(), token=token)


def guard_source() -> bytes:
    """Return the text of the guard that comes with this package."""
    return (content_directory("roles") / "host_guard" / "files" / "chaos-guard").read_bytes()


def guard_digest() -> str:
    """Return the SHA-256 of that text, in hexadecimal digits."""
    return sha256(guard_source()).hexdigest()


def answers_in(output: str, token: str | None = None) -> tuple[GuardAnswer, ...]:
    """Return every answer of the guard among the lines of a command's output.

    With a token those alone that repeat it. Other lines (banners, warnings, a terminal's
    carriage returns) are passed over.
    """
    return tuple(_answers(output, token))


def _answers(output: str, token: str | None) -> Iterator[GuardAnswer]:
    for line in output.split("\n"):
        data = json_object(line.strip())
        if data is None or "guard" not in data:
            continue
        if token is None or data.get("token") == token:
            yield GuardAnswer(verb=str(data.get("verb", "")), ok=data.get("ok") is True, data=data)
