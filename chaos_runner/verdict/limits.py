"""The unit of each tolerance, and its limit as data."""

from __future__ import annotations

from typing import Literal

from chaos_runner.measurements.model import GROUP_STATUSES
from chaos_runner.verdict.judgement import Judgement, Limit, Unit, Value
from chaos_runner.verdict.observed import Observed

_UNITS: dict[str, Unit] = {
    "loss": "percent",
    "duplicates": "percent",
    "availability": "percent",
    "control_availability": "percent",
    "under_replicated_partitions": "partitions",
    "under_min_isr_partitions": "partitions",
    "offline_partitions": "partitions",
    "brokers": "brokers",
    "controller": "controller",
    "group_lag": "records",
    "group_status": "status",
}
_AT_LEAST = frozenset({"availability", "control_availability", "brokers", "controller"})


def unit_of(tolerance: str) -> Unit:
    """Return the unit that a tolerance is measured in: seconds, unless it is another's."""
    return _UNITS.get(tolerance, "seconds")


def limit_of(tolerance: str, limit: float) -> Limit:
    """Return a limit as data; `limit` is a number, or a place in an order, as in `limits()`."""
    value: Value = limit
    if tolerance == "group_status":
        value = GROUP_STATUSES[int(limit)]
    elif tolerance == "controller":
        value = "active"
    bound: Literal["at_least", "at_most"] = "at_least" if tolerance in _AT_LEAST else "at_most"
    return Limit(bound=bound, value=value, unit=unit_of(tolerance))


def judgement_of(tolerance: str, limit: float, observed: Observed) -> Judgement:
    """Put what was observed beside what is tolerated."""
    return Judgement(
        tolerance=tolerance,
        limit=limit_of(tolerance, limit),
        observed=observed.amount,
        verdict=observed.verdict,
        reason=observed.reason,
    )
