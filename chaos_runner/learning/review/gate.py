"""Whether recovery or loss got worse than before, beyond noise: for a pipeline. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from chaos_runner.learning.history.comparison import FigureTrend, trends
from chaos_runner.learning.history.facts import FigureName, RunFacts

GATED: tuple[FigureName, ...] = ("loss", "recover")
GateVerdict = Literal["passed", "worse", "too few runs"]


@dataclass(frozen=True)
class Gate:
    """How each experiment moved since a run: the figures that the gate looks at."""

    since: str
    experiments: dict[str, list[FigureTrend]]
    """Those that ran since."""

    @property
    def verdict(self) -> GateVerdict:
        """Return `worse` where any figure is, `too few runs` where none could be compared."""
        moved = [each.movement for every in self.experiments.values() for each in every]
        if "worse" in moved:
            return "worse"
        return "passed" if any(each != "too few runs" for each in moved) else "too few runs"


def gate_since(since: RunFacts, runs: Sequence[RunFacts]) -> Gate:
    """Compare the runs after a run with those up to it, experiment by experiment.

    Only what got worse is asked for, so that three runs after three can show it.
    """
    own = [run for run in runs if run.kind == "run" and run.experiment]
    key = (since.started, since.run)
    later = [run for run in own if (run.started, run.run) > key]
    earlier = [run for run in own if (run.started, run.run) <= key]
    return Gate(
        since.run,
        {
            name: trends(_of(name, earlier), _of(name, later), GATED, one_sided=True)
            for name in sorted({run.experiment for run in later})
        },
    )


def _of(name: str, runs: Sequence[RunFacts]) -> list[RunFacts]:
    return [run for run in runs if run.experiment == name]
