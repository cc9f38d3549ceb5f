"""`chaos-runner suggest`: where to begin, and what to try next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chaos_runner.cli.options.shared import FindingsOption, RunsOption
from chaos_runner.cli.text.output import Output, OutputOption, print_json, print_text
from chaos_runner.shown import shown_line

if TYPE_CHECKING:
    from chaos_runner.learning.suggestions.suggestion import Suggestion


def suggest(
    file: Annotated[
        Path | None, typer.Argument(help="With --write: the new file of the experiment.")
    ] = None,
    write: Annotated[
        int | None, typer.Option("--write", min=1, help="Write the experiment of this suggestion.")
    ] = None,
    runs: RunsOption = None,
    directory: FindingsOption = None,
    output: OutputOption = Output.text,
) -> None:
    """Say where to begin and what to try next, each with its evidence and a ready experiment."""
    from chaos_runner.cli.learning.history import read
    from chaos_runner.errors import UsageError
    from chaos_runner.operations import suggest as operation
    from chaos_runner.operations.findings import findings_in
    from chaos_runner.workspace import find_findings, find_runs

    if (write is None) != (file is None):
        raise UsageError(
            "--write and FILE belong together", "chaos-runner suggest --write 2 new.yml"
        )
    found = findings_in(find_findings(directory))
    listed = operation.suggest(found, read(runs), find_runs(runs))
    if write is not None and file is not None:
        if write > len(listed):
            raise UsageError(
                f"--write: found {write}; there are {len(listed)} suggestions",
                "`chaos-runner suggest` lists them with their numbers",
            )
        operation.write_suggestion(listed[write - 1], file)
        print_text(str(file))
    elif output is Output.json:
        print_json({"suggestions": [vars(each) for each in listed]})
    else:
        print_text("\n".join(map(shown_line, _lines(listed))) or "nothing to suggest")
    found.require_whole()


def _lines(listed: Sequence[Suggestion]) -> Iterator[str]:
    for number, each in enumerate(listed, 1):
        yield f"{number}. {each.what}"
        yield from (f"   {line}" for line in each.evidence)
    if listed:
        yield "`chaos-runner suggest --write NUMBER FILE` writes the experiment of one"
