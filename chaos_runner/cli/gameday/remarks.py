"""`chaos-runner gameday note`, `noticed` and `abort`: said from any shell in the middle of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from chaos_runner.cli.gameday.walk import DayOption
from chaos_runner.cli.options.shared import RunsOption
from chaos_runner.cli.text.output import print_text


def note(
    text: Annotated[str, typer.Argument(help="What happened.")],
    finding: Annotated[bool, typer.Option("--finding", help="It is something to improve.")] = False,
    to_do: Annotated[
        bool, typer.Option("--to-do", help="It is to be done until the next game day.")
    ] = False,
    day: DayOption = None,
    runs: RunsOption = None,
) -> None:
    """Write a note into the journal of the newest game day."""
    from chaos_runner.errors import UsageError
    from chaos_runner.operations.gameday import remarks

    if finding and to_do:
        raise UsageError("--finding and --to-do: one note is one of them", "write two notes")
    kind = remarks.kind_of(finding=finding, to_do=to_do)
    read = remarks.note(_path(day, runs), text, kind)
    print_text(f"{read.started.identity}: {kind} written down")


def noticed(
    by: Annotated[str, typer.Option("--by", help="Who or what noticed it first, as an alert.")],
    text: Annotated[str, typer.Argument(help="What was seen.")] = "",
    day: DayOption = None,
    runs: RunsOption = None,
) -> None:
    """Write down who or what noticed the fault; the moment is now."""
    from chaos_runner.operations.gameday import remarks

    read = remarks.noticed(_path(day, runs), by, text)
    print_text(f"{read.started.identity}: noticed by {by}")


def abort(
    reason: Annotated[str, typer.Argument(help="Why.")] = "",
    by: Annotated[
        str, typer.Option("--by", help="Who said so, where somebody else types it.")
    ] = "",
    day: DayOption = None,
    runs: RunsOption = None,
) -> None:
    """End the running experiment now and in order: its faults are taken back."""
    from chaos_runner.operations.gameday import remarks

    print_text(remarks.abort(_path(day, runs), reason, by))


def _path(day: str | None, runs: Path | None) -> Path:
    from chaos_runner.gameday.journal import find_day
    from chaos_runner.workspace import find_runs

    return find_day(day, find_runs(runs))
