"""Facts of runs made for tests, without a journal."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import inf

from chaos_runner.learning.history.facts import Figure, FigureName, RunDetails, RunFacts

NO_DETAILS = RunDetails(
    title="Slow",
    owner="",
    lasted=90,
    exit_code=0,
    faults=(),
    judged=(),
    acknowledged=100,
    lost=0,
    figures={},
)
EMPTY = RunFacts(
    run="",
    kind="run",
    experiment="slow",
    started=datetime(2026, 1, 1, tzinfo=UTC),
    verdict="held",
    details_json=NO_DETAILS.model_dump_json(),
)


def changed(run: RunFacts, **changes: object) -> RunFacts:
    """Return a run with some of its details changed."""
    details = run.details.model_copy(update=changes)
    return replace(run, details_json=details.model_dump_json())


def made(number: int, recover: float) -> RunFacts:
    figure = Figure(value=min(recover, 99), censored=recover == inf)
    found: dict[FigureName, Figure] = {"recover": figure}
    started = EMPTY.started + timedelta(days=number)
    return changed(replace(EMPTY, run=f"r{number}", started=started), figures=found)


def recoveries(*seconds: float) -> list[RunFacts]:
    return [made(number, recover=value) for number, value in enumerate(seconds)]
