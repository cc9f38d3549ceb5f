"""A finding: something that a run showed, who improves it, and by when."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, Field, model_validator

from chaos_runner.units import found
from chaos_runner.yaml_input.days import Day
from chaos_runner.yaml_input.written_model import WrittenModel

Urgency = Literal["critical", "high", "medium", "low"]
URGENCIES: tuple[Urgency, ...] = get_args(Urgency)
"""From the most urgent to the least."""
State = Literal["open", "fixing", "to be verified", "verified", "accepted risk"]
UNSOLVED: frozenset[State] = frozenset({"open", "fixing", "to be verified"})
"""The states in which a date counts."""


def _printable_line(text: str) -> str:
    if text.strip() and text.isprintable():
        return text
    raise ValueError(f"found {found(text)}; allowed is one line of printable text")


Line = Annotated[str, Field(max_length=300), AfterValidator(_printable_line)]


class Evidence(WrittenModel):
    """What a run showed: a tolerance beside what was observed."""

    run: Line
    """The run's id."""
    tolerance: Line | None = None
    """The tolerance that deviated; without one, the run as a whole did."""
    phase: Line | None = None
    """In which phase: before, during or after."""
    limit: Line | None = None
    """What is tolerated, such as `at most 0%`."""
    observed: Line | None = None
    """What was observed."""


class Fix(WrittenModel):
    """What will be done, and by when it will be better."""

    what: Line
    """What will be changed."""
    by: Day
    """The day by which it will be better."""


class Hypothesis(WrittenModel):
    """What might help where the cause is not clear, and how the next cycle tests it."""

    direction: Line
    """What to change."""
    cost: Line
    """What that costs."""
    effect: Line
    """What it is expected to improve."""
    test: Line
    """How the next cycle tests it."""


class Verified(WrittenModel):
    """The run that showed the improvement."""

    run: Line
    """The run's id."""
    day: Day
    """When it ran."""
    observed: dict[Line, Line] = Field(default={}, max_length=50)
    """What was observed there, by tolerance."""


class AcceptedRisk(WrittenModel):
    """Who lives with it as it is, and why."""

    reason: Line
    """Why it is not improved."""
    who: Line
    """Who decided that."""
    day: Day
    """When."""


class Finding(WrittenModel):
    """One finding: something to improve, with urgency, owner and date."""

    title: Line
    """What is wrong, in one line."""
    urgency: Urgency
    """`critical`, `high`, `medium` or `low`."""
    state: State = "open"
    """`open`, `fixing`, `to be verified`, `verified` or `accepted risk`."""
    owner: Line
    """Who answers for it."""
    experiment: Line
    """The experiment that shows it: the name of its file."""
    evidence: list[Evidence] = Field(min_length=1, max_length=100)
    """The runs that showed it, the first one first."""
    fix: Fix | None = None
    """What will be done and by when, where the cause is clear."""
    hypotheses: list[Hypothesis] = Field(default=[], max_length=20)
    """What might help, where the cause is not clear."""
    verified: Verified | None = None
    """The run that showed the improvement, where the state is `verified`."""
    accepted: AcceptedRisk | None = None
    """Who accepted it and why, where the state is `accepted risk`."""
    notes: Annotated[str, Field(max_length=10_000)] = ""
    """Anything else."""

    @model_validator(mode="after")
    def _whole(self) -> Finding:
        if (self.fix is None) == (not self.hypotheses):
            raise ValueError(
                "needs either `fix`, with the day by which it will be better, or `hypotheses`"
            )
        if self.state == "verified" and self.verified is None:
            raise ValueError("has the state `verified` and no `verified`, the run that showed it")
        if self.state == "accepted risk" and self.accepted is None:
            raise ValueError("has the state `accepted risk` and no `accepted`: who, when and why")
        return self

    def is_overdue(self, today: date) -> bool:
        """Tell whether the day by which it was to be better has passed."""
        return self.state in UNSOLVED and self.fix is not None and self.fix.by < today

    @property
    def tolerances(self) -> frozenset[str]:
        """Return the tolerances that its evidence names."""
        return frozenset(each.tolerance for each in self.evidence if each.tolerance)
