"""What findings and history of a workspace say together."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chaos_runner.learning.findings.files import FoundFindings
    from chaos_runner.learning.history.index import History
    from chaos_runner.learning.review.changelog import Improvement
    from chaos_runner.learning.review.gate import Gate
    from chaos_runner.learning.review.insights import Insights


def improvements_since(since: str, found: FoundFindings, history: History) -> list[Improvement]:
    """Return what was verified since a day or a run; raise UsageError where it is neither.

    A day counts from its beginning, in UTC.
    """
    from chaos_runner.learning.review.changelog import improvements

    return improvements(found.findings, history.runs, _moment(since, history))


def _moment(since: str, history: History) -> datetime:
    from chaos_runner.errors import UsageError
    from chaos_runner.units import found
    from chaos_runner.yaml_input.days import parse_date

    try:
        day = parse_date(since)
    except ValueError:
        try:
            return history.named(since).started
        except UsageError as error:
            raise UsageError(
                f"--since: found {found(since)}; allowed is a day such as `2026-12-24`, or a run",
                error.hint,
            ) from None
    return datetime.combine(day, time(), UTC) - timedelta(microseconds=1)


def gate(since: str, history: History) -> Gate:
    """Compare the runs after a run with those up to it; raise UsageError where there is none."""
    from chaos_runner.learning.review.gate import gate_since

    return gate_since(history.named(since), history.runs)


def insights(found: FoundFindings, history: History, stale_days: int) -> Insights:
    """Return what comes back, what is late, and what was not tried."""
    from chaos_runner.faults.registry import fault_kinds
    from chaos_runner.learning.review.insights import insights_of
    from chaos_runner.operations.findings import today

    return insights_of(history.runs, found.findings, fault_kinds(), today(), stale_days)
