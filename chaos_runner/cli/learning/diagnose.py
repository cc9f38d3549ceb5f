"""`chaos-runner diagnose`: which usual causes fit what a run shows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from chaos_runner.cli.options.shared import RunsOption
from chaos_runner.cli.text.output import Output, OutputOption, print_json, print_text
from chaos_runner.shown import shown_line

if TYPE_CHECKING:
    from chaos_runner.learning.diagnosis.diagnose import Diagnosis, FittingCause

_OF_A_CAUSE = {"title", "remedy", "cost", "effect", "test", "source"}


def diagnose(
    run: Annotated[str, typer.Argument(help="A run's id, its directory, or its journal.")],
    runs: RunsOption = None,
    output: OutputOption = Output.text,
) -> None:
    """Set side by side what a run shows, and which usual causes fit it.

    They are hypotheses, ranked by how many of their signs the run shows; none is certain.
    """
    from chaos_runner.journal.journal import find_journal
    from chaos_runner.operations.diagnose import diagnose_run
    from chaos_runner.workspace import find_runs

    found = diagnose_run(find_journal(run, find_runs(runs)))
    if output is Output.json:
        print_json(_document(found))
    else:
        print_text("\n".join(shown_line(line) for line in _lines(found)))


def _lines(found: Diagnosis) -> Iterator[str]:
    yield f"run {found.run}"
    yield "nothing deviated" if not found.deviations else "deviated:"
    yield from (f"  {each}" for each in found.deviations)
    for title, lines in (("groups:", found.groups), ("the cluster reported:", found.events)):
        if lines:
            yield title
            yield from (f"  {each}" for each in lines)
    if not found.causes:
        yield "none of the usual causes fits (docs/concepts/causes.md lists them)"
        return
    yield "what it may be, the best fit first:"
    for number, each in enumerate(found.causes, 1):
        yield from _cause_lines(number, each)


def _cause_lines(number: int, fitting: FittingCause) -> Iterator[str]:
    cause, shown = fitting.cause, len(fitting.evidence)
    yield f"{number}. {cause.title} ({shown} of {len(cause.signs)} signs)"
    yield from (f"   + {each}" for each in fitting.evidence)
    yield from (f"   - not seen: {each}" for each in fitting.missing)
    yield from (f"   ? {each}" for each in fitting.not_known)
    yield f"   try: {cause.remedy} (cost: {cause.cost})"
    yield f"   test: {cause.test}"
    yield f"   source: {cause.source}"


def _document(found: Diagnosis) -> dict[str, object]:
    causes = [
        {
            "name": each.name,
            "fit": round(each.fit, 3),
            "evidence": each.evidence,
            "missing": each.missing,
            "not_known": each.not_known,
            **each.cause.model_dump(include=_OF_A_CAUSE),
        }
        for each in found.causes
    ]
    return {
        "run": found.run,
        "deviations": found.deviations,
        "groups": found.groups,
        "events": found.events,
        "causes": causes,
    }
