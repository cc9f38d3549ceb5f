"""`chaos-runner insights`: what comes back, what is late, what was not tried."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from chaos_runner.cli.learning.history import read
from chaos_runner.cli.options.shared import FindingsOption, RunsOption
from chaos_runner.cli.text.output import Output, OutputOption, print_json, print_text
from chaos_runner.shown import shown_line

if TYPE_CHECKING:
    from chaos_runner.learning.review.insights import Insights, Recurring


def insights(
    stale_days: Annotated[
        int, typer.Option(min=1, help="After how many days an experiment is due again.")
    ] = 30,
    runs: RunsOption = None,
    directory: FindingsOption = None,
    output: OutputOption = Output.text,
) -> None:
    """Say what comes back over all runs, which findings are late, and what was never tried."""
    from chaos_runner.operations import review
    from chaos_runner.operations.findings import findings_in
    from chaos_runner.workspace import find_findings

    found = findings_in(find_findings(directory))
    said = review.insights(found, read(runs), stale_days)
    if output is Output.json:
        print_json(_document(said))
    else:
        print_text("\n".join(shown_line(line) for line in _lines(said)))
    found.require_whole()


def _document(said: Insights) -> dict[str, object]:
    recurring = {
        "faults": said.faults,
        "targets": said.targets,
        "tolerances": said.tolerances,
        "causes": said.causes,
    }
    return {
        "recurring": {name: [vars(each) for each in found] for name, found in recurring.items()},
        "overdue": [each.name for each in said.overdue],
        "stale": [{"experiment": name, "last_run": day} for name, day in said.stale],
        "never_tried": said.never_tried,
    }


def _lines(said: Insights) -> Iterator[str]:
    yield from _recurring("faults", said.faults)
    yield from _recurring("targets", said.targets)
    yield from _recurring("tolerances", said.tolerances)
    yield from _recurring("causes that may be it", said.causes)
    if said.overdue:
        yield "findings past their date:"
        for each in said.overdue:
            by = each.finding.fix.by if each.finding.fix else ""
            yield f"  {each.name}: by {by}, owner {each.finding.owner}"
    if said.stale:
        yield "experiments not run for long:"
        yield from (f"  {name}: last on {day}" for name, day in said.stale)
    if said.never_tried:
        yield f"fault kinds never tried here: {', '.join(said.never_tried)}"


def _recurring(title: str, found: Sequence[Recurring]) -> Iterator[str]:
    if found:
        yield f"{title} of which several runs deviated:"
        yield from (f"  {each.what}: {each.deviated} of {each.runs} runs" for each in found)
