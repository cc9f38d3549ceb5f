"""The three-valued verdict, and one tolerance's part in it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from pydantic import BaseModel, ConfigDict

Verdict = Literal["held", "deviated", "inconclusive"]
_FROM_BAD_TO_GOOD: tuple[Verdict, ...] = ("deviated", "inconclusive", "held")


class Judgement(BaseModel):
    """Compare one tolerance with what was observed in one phase."""

    model_config = ConfigDict(frozen=True)

    tolerance: str
    """The key of the steady state, e.g. `ack_p99`."""
    limit: str
    """In words, e.g. `at most 250ms`."""
    observed: str
    verdict: Verdict
    reason: str = ""
    """Why it is inconclusive, or what stands behind a deviation."""


def worst_verdict(verdicts: Iterable[Verdict]) -> Verdict:
    """Return deviated before inconclusive before held; inconclusive when there are none."""
    given = set(verdicts)
    return next((verdict for verdict in _FROM_BAD_TO_GOOD if verdict in given), "inconclusive")
