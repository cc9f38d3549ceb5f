"""The result of a command on stdout: text for people, or JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated

import typer

SCHEMA_VERSION = 1
"""Version of every JSON document of the command line; raised when a key changes its meaning."""


class Output(StrEnum):
    """Name the forms of a result (`--output`)."""

    text = "text"
    json = "json"


OutputOption = Annotated[Output, typer.Option("--output", "-o", help="Form of the result.")]
"""The option that every command with a result offers; its default is `Output.text`."""


def print_json(document: Mapping[str, object]) -> None:
    """Print a result as JSON on stdout, `schema_version` first.

    Only ASCII is written, so that any locale and any pipe can carry it.
    """
    print(json.dumps({"schema_version": SCHEMA_VERSION, **document}, indent=2, default=str))
