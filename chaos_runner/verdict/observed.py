"""What was seen of one tolerance, with its verdict."""

from __future__ import annotations

from dataclasses import dataclass

from chaos_runner.measurements.reason import Reason, ReasonCode
from chaos_runner.verdict.judgement import Observation, Unit, Verdict


@dataclass(frozen=True)
class Observed:
    """What was observed, the verdict, and the reason of any verdict but held."""

    amount: Observation
    verdict: Verdict
    reason: Reason | None = None


def nothing_observed(unit: Unit, why: Reason | ReasonCode) -> Observed:
    """Return that nothing was observed, and why: the verdict is inconclusive."""
    reason = why if isinstance(why, Reason) else Reason(code=why)
    return Observed(Observation(value=None, unit=unit), "inconclusive", reason)
