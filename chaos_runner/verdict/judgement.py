"""The three-valued verdict, and one tolerance's part in it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from pydantic import BaseModel, ConfigDict

from chaos_runner.measurements.model import GroupStatus
from chaos_runner.measurements.reason import Reason

Verdict = Literal["held", "deviated", "inconclusive"]
_FROM_BAD_TO_GOOD: tuple[Verdict, ...] = ("deviated", "inconclusive", "held")

Unit = Literal["percent", "seconds", "partitions", "brokers", "records", "status", "controller"]
Value = float | GroupStatus | Literal["active", "absent"]
"""A number in its unit; a group's status; or what the controller is."""


class Limit(BaseModel):
    """What is tolerated: at most, or at least, so much."""

    model_config = ConfigDict(frozen=True)

    bound: Literal["at_most", "at_least"]
    value: Value
    """A `status` is at most as bad as this one."""
    unit: Unit


class Observation(BaseModel):
    """What was observed of one tolerance."""

    model_config = ConfigDict(frozen=True)

    value: Value | None
    """Null where nothing was observed, or, with `bound` above, where nothing ever came."""
    unit: Unit
    bound: Literal["exact", "above", "below"] = "exact"
    """Whether it was more, or less, than `value`, by an unknown lot."""
    group: str = ""
    """The consumer group that was the worst, where there are several."""


class Judgement(BaseModel):
    """One tolerance beside what was observed in one phase."""

    model_config = ConfigDict(frozen=True)

    tolerance: str
    """The key of the steady state, e.g. `ack_p99`."""
    limit: Limit
    observed: Observation
    verdict: Verdict
    reason: Reason | None = None
    """Why it is inconclusive, or what stands behind a deviation."""


def worst_verdict(verdicts: Iterable[Verdict]) -> Verdict:
    """Return deviated before inconclusive before held; inconclusive when there are none."""
    given = set(verdicts)
    return next((verdict for verdict in _FROM_BAD_TO_GOOD if verdict in given), "inconclusive")
