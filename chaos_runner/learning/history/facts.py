"""The few facts of a run that comparing it with others needs. Pure: folded from its story."""

from __future__ import annotations

from datetime import datetime
from pathlib import PurePath
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict

from chaos_runner.analysis.moments import Time
from chaos_runner.journal.events import RunKind
from chaos_runner.report.story.model import RunStory
from chaos_runner.verdict.judgement import Judgement, Verdict
from chaos_runner.wording.amounts import limit_words, observation_words

FigureName = Literal["loss", "notice", "fail_over", "recover", "outage"]
FIGURES: tuple[FigureName, ...] = get_args(FigureName)
"""Of all of them, less is better."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Figure(_Part):
    """One figure of a run: percent for the loss, seconds for the others."""

    value: float
    censored: bool = False
    """True when it is more than `value`, by an unknown lot: what it measures was not over."""


class JudgedTolerance(_Part):
    """One tolerance in one phase, as it was judged."""

    phase: str
    tolerance: str
    verdict: Verdict
    limit: str
    """E.g. `at most 250ms`."""
    observed: str


class TriedFault(_Part):
    """One fault of a run: its kind, in a few words, and whom it was for."""

    kind: str
    summary: str
    targets: tuple[str, ...]


class RunFacts(_Part):
    """One run as its history knows it."""

    run: str
    kind: RunKind
    experiment: str
    """The name of its experiment: the file's, without folder and ending; empty without a file."""
    title: str
    owner: str
    started: datetime
    """UTC."""
    lasted: float
    """Seconds."""
    verdict: Verdict | None
    """None where the run did not reach one: killed, or still going on."""
    exit_code: int | None
    faults: tuple[TriedFault, ...]
    judged: tuple[JudgedTolerance, ...]
    acknowledged: int
    """Records; without those of the warm-up."""
    lost: int
    figures: dict[FigureName, Figure]
    """Those that were measured."""
    causes: tuple[str, ...] = ()
    """The names of the causes that its diagnosis found, the best fitting first."""

    @property
    def deviated(self) -> tuple[JudgedTolerance, ...]:
        """Return the tolerances that were exceeded, in the order of the phases."""
        return tuple(each for each in self.judged if each.verdict == "deviated")


def experiment_name(text: str) -> str:
    """Return the name of an experiment from its name or file: `slow` from `a/slow.yml`."""
    path = PurePath(text)
    return path.stem if path.suffix in (".yml", ".yaml") else path.name


def facts_of(story: RunStory, causes: tuple[str, ...] = ()) -> RunFacts:
    """Return the facts of a run, finished or not."""
    total = story.ledger.total if story.ledger else None
    return RunFacts(
        run=story.run,
        kind=story.kind,
        experiment=experiment_name(story.experiment_file) if story.experiment_file else "",
        title=story.title,
        owner=story.owner,
        started=story.started,
        lasted=story.stopped,
        verdict=story.verdict,
        exit_code=story.exit_code,
        faults=tuple(
            TriedFault(kind=fault.kind, summary=fault.summary, targets=fault.targets)
            for fault in story.faults
        ),
        judged=tuple(
            _judged(phase.phase, judgement)
            for phase in story.judgements
            for judgement in phase.judgements
        ),
        acknowledged=total.acked if total else 0,
        lost=total.lost if total else 0,
        figures=_figures(story),
        causes=causes,
    )


def _judged(phase: str, judgement: Judgement) -> JudgedTolerance:
    return JudgedTolerance(
        phase=phase,
        tolerance=judgement.tolerance,
        verdict=judgement.verdict,
        limit=limit_words(judgement.limit),
        observed=observation_words(judgement.observed),
    )


def _figures(story: RunStory) -> dict[FigureName, Figure]:
    figures: dict[FigureName, Figure] = {}
    if story.ledger and story.ledger.drained and story.ledger.total.acked:
        total = story.ledger.total
        figures["loss"] = Figure(value=100 * total.lost / total.acked)
    times = story.clients.times if story.clients else None
    if times is not None:
        measured: dict[FigureName, Time] = {
            "notice": times.detect,
            "fail_over": times.failover,
            "recover": times.recover,
            "outage": times.outage,
        }
        figures |= {
            name: Figure(value=time.seconds, censored=time.censored)
            for name, time in measured.items()
            if time.seconds is not None
        }
    return figures
