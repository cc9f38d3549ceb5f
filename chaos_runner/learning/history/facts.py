"""The few facts of a run that comparing it with others needs, as the index keeps them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import PurePath
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict

from chaos_runner.measurements.run_kind import RunKind
from chaos_runner.verdict.judgement import Verdict

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


class RunDetails(_Part):
    """What one run's history keeps of it beside what it is found by."""

    title: str
    owner: str
    lasted: float
    """Seconds."""
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


@dataclass(frozen=True)
class RunFacts:
    """One run as its history knows it.

    Its details are read when they are asked for: of 10,000 runs most commands need those of few.
    """

    run: str
    kind: RunKind
    experiment: str
    """The name of its experiment: the file's, without folder and ending; empty without a file."""
    started: datetime
    """UTC."""
    verdict: Verdict | None
    """None where the run did not reach one: killed, or still going on."""
    details_json: str
    """Its `RunDetails`, as the index keeps them."""

    @cached_property
    def details(self) -> RunDetails:
        """Return the rest of what is known of it."""
        return RunDetails.model_validate_json(self.details_json)

    def document(self) -> dict[str, object]:
        """Return everything as JSON has it."""
        own = {
            "run": self.run,
            "kind": self.kind,
            "experiment": self.experiment,
            "started": self.started.isoformat().replace("+00:00", "Z"),
            "verdict": self.verdict,
        }
        return {**own, **self.details.model_dump(mode="json")}


def experiment_name(text: str) -> str:
    """Return the name of an experiment from its name or file: `slow` from `a/slow.yml`."""
    path = PurePath(text)
    return path.stem if path.suffix in (".yml", ".yaml") else path.name
