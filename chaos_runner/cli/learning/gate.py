"""`chaos-runner gate`: fail a pipeline where recovery or loss got worse."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from chaos_runner.cli.learning.history import read
from chaos_runner.cli.options.shared import RunsOption
from chaos_runner.cli.text.output import Output, OutputOption, print_json, print_text

if TYPE_CHECKING:
    from chaos_runner.learning.review.gate import Gate

_CODES = {"passed": 0, "worse": 1, "too few runs": 3}


def gate(
    since: Annotated[
        str, typer.Option("--since", help="The last run of before: its id, directory or journal.")
    ],
    runs: RunsOption = None,
    output: OutputOption = Output.text,
) -> None:
    """Fail where loss or the time to recover got worse than up to a run, beyond noise.

    Exit code 1 where one did, 3 where there are too few runs to say.
    """
    from chaos_runner.cli.text.history import trend_document
    from chaos_runner.operations import review

    found = review.gate(since, read(runs))
    if output is Output.json:
        experiments = {
            name: [trend_document(each) for each in moved]
            for name, moved in found.experiments.items()
        }
        print_json({"since": found.since, "verdict": found.verdict, "experiments": experiments})
    else:
        print_text("\n".join(_lines(found)))
    if code := _CODES[found.verdict]:
        raise typer.Exit(code)


def _lines(found: Gate) -> Iterator[str]:
    from chaos_runner.cli.text.history import trend_words
    from chaos_runner.shown import shown_line

    for name, moved in found.experiments.items():
        yield from (shown_line(f"{name}: {trend_words(each)}") for each in moved)
    if not found.experiments:
        yield f"no experiment ran since {found.since}"
    yield f"gate: {found.verdict}"
