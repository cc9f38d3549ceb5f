"""The result of a command on stdout: text for people, or JSON for programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

import typer

from chaos_runner.shown import shown, shown_line

VERDICT_COLOURS = {"held": "green", "deviated": "red", "inconclusive": "yellow"}

SCHEMA_VERSION = 1
"""Version of every JSON document of the command line; raised when a key changes its meaning."""


class Output(StrEnum):
    """The forms of a result (`--output`)."""

    text = "text"
    json = "json"


OutputOption = Annotated[Output, typer.Option("--output", "-o", help="Form of the result.")]
"""The option that every command with a result offers; its default is `Output.text`."""


@dataclass
class _Said:
    """Whether this process has printed its document: a second would make it unreadable."""

    document: bool = False


_SAID = _Said()


def print_json(document: Mapping[str, object]) -> None:
    """Print a result as JSON on stdout, `schema_version` first.

    Only ASCII is written, so that any locale and any pipe can carry it.
    """
    print(json.dumps({"schema_version": SCHEMA_VERSION, **document}, indent=2, default=str))
    _SAID.document = True


def print_error_unless_said(message: str, hint: str = "") -> None:
    """Print an error as JSON where the command has printed no document of its own.

    One that has printed a bad verdict has told in it what is wrong.
    """
    if not _SAID.document:
        print_json({"error": {"message": message, "hint": hint}})


def print_text(text: str) -> None:
    """Print a result for people; what others put into it cannot harm their terminal."""
    print(shown(text))


def foreign(text: str) -> str:
    """Return text for a rich console: neither markup nor control characters in it count."""
    from rich.markup import escape

    return escape(shown_line(text))


def wants_json(arguments: list[str]) -> bool:
    """Tell whether JSON was asked for, in any of the spellings of `--output` and `--format`."""
    own = arguments[: arguments.index("--")] if "--" in arguments else arguments
    pairs = zip(own, [*own[1:], ""], strict=True)
    return any(
        argument in ("--output=json", "-ojson", "--format=json")
        or (argument in ("--output", "-o", "--format") and value == "json")
        for argument, value in pairs
    )


def warn(text: str) -> None:
    """Print one line on stderr, behind the name of the program."""
    print(f"chaos-runner: {shown_line(text)}", file=sys.stderr)
