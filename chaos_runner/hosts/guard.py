"""Speak to `chaos-guard`: the commands it understands, and its answers found in any output."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from chaos_runner.content import content_directory
from chaos_runner.fleet.guard_answers import GuardAnswer

GUARD_PATH = "/usr/local/sbin/chaos-guard"

COMMAND_NOT_FOUND = 127
"""What a shell ends with when there is no such program: the guard is not installed."""


@dataclass(frozen=True)
class GuardCommand:
    """Hold one question to a host's guard, as an argument list and what goes to its stdin."""

    arguments: tuple[str, ...]
    stdin: bytes | None = None


def installed(verb: str, *arguments: str) -> GuardCommand:
    """Return a question to the guard that is installed on the host.

    A shell starts it, so that a missing guard ends with COMMAND_NOT_FOUND under sudo too.
    """
    return GuardCommand(("sh", "-c", f'exec {GUARD_PATH} "$@"', "chaos-guard", verb, *arguments))


def carried(verb: str, *arguments: str) -> GuardCommand:
    """Return a question that brings the guard along on stdin: nothing need be installed."""
    return GuardCommand(("sh", "-s", "--", verb, *arguments), stdin=guard_source())


def guard_source() -> bytes:
    """Return the text of the guard that comes with this package."""
    return (content_directory("roles") / "host_guard" / "files" / "chaos-guard").read_bytes()


def answers_in(output: str) -> tuple[GuardAnswer, ...]:
    """Return every answer of the guard among the lines of a command's output.

    Other lines (banners, warnings, a terminal's carriage returns) are passed over.
    """
    return tuple(_answers(output))


def _answers(output: str) -> Iterator[GuardAnswer]:
    for line in output.splitlines():
        data = _json_object(line.strip())
        if data is not None and "guard" in data:
            yield GuardAnswer(verb=str(data.get("verb", "")), ok=data.get("ok") is True, data=data)


def _json_object(line: str) -> dict[str, object] | None:
    if not line.startswith("{"):
        return None
    try:
        data = json.loads(line)
    except ValueError:
        return None
    return data if isinstance(data, dict) else None
