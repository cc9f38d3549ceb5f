"""The facts of a run, folded from its story. Pure.

Apart from what they are: who looks at the history reads no journal, and pays for none.
"""

from __future__ import annotations

from collections.abc import Iterator

from chaos_runner.analysis.moments import Time
from chaos_runner.learning.history.facts import (
    Figure,
    FigureName,
    JudgedTolerance,
    RunDetails,
    RunFacts,
    TriedFault,
    experiment_name,
)
from chaos_runner.report.story.model import PhaseVerdict, RunStory
from chaos_runner.verdict.judgement import Judgement
from chaos_runner.wording.amounts import limit_words, observation_words
from chaos_runner.wording.run_reasons import zone_words


def facts_of(story: RunStory, causes: tuple[str, ...] = ()) -> RunFacts:
    """Return the facts of a run, finished or not."""
    total = story.ledger.total if story.ledger else None
    details = RunDetails(
        title=story.title,
        owner=story.owner,
        lasted=story.stopped,
        exit_code=story.exit_code,
        faults=tuple(
            TriedFault(kind=fault.kind, summary=fault.summary, targets=fault.targets)
            for fault in story.faults
        ),
        judged=tuple(each for phase in story.judgements for each in _judged_in(phase)),
        acknowledged=total.acked if total else 0,
        lost=total.lost if total else 0,
        figures=_figures(story),
        causes=causes,
    )
    return RunFacts(
        run=story.run,
        kind=story.kind,
        experiment=experiment_name(story.experiment_file) if story.experiment_file else "",
        started=story.started,
        verdict=story.verdict,
        details_json=details.model_dump_json(),
    )


def _judged_in(phase: PhaseVerdict) -> Iterator[JudgedTolerance]:
    """Yield what was judged of each zone, then together: where one is wanted, the last counts."""
    for zone, judgements in phase.zones.items():
        for judgement in judgements:
            yield _judged(phase.phase, judgement, f" ({zone_words([zone])})")
    for judgement in phase.judgements:
        yield _judged(phase.phase, judgement)


def _judged(phase: str, judgement: Judgement, where: str = "") -> JudgedTolerance:
    return JudgedTolerance(
        phase=phase,
        tolerance=judgement.tolerance,
        verdict=judgement.verdict,
        limit=limit_words(judgement.limit),
        observed=f"{observation_words(judgement.observed)}{where}",
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
