"""Facts of runs made for tests, without a journal."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from math import inf

from chaos_runner.learning.history.facts import Figure, FigureName, RunFacts

EMPTY = RunFacts(
    run="",
    kind="run",
    experiment="slow",
    title="Slow",
    owner="",
    started=datetime(2026, 1, 1, tzinfo=UTC),
    lasted=90,
    verdict="held",
    exit_code=0,
    faults=(),
    judged=(),
    acknowledged=100,
    lost=0,
    figures={},
)


def made(number: int, recover: float) -> RunFacts:
    figure = Figure(value=min(recover, 99), censored=recover == inf)
    found: dict[FigureName, Figure] = {"recover": figure}
    started = EMPTY.started + timedelta(days=number)
    return EMPTY.model_copy(update={"run": f"r{number}", "started": started, "figures": found})


def recoveries(*seconds: float) -> list[RunFacts]:
    return [made(number, recover=value) for number, value in enumerate(seconds)]
