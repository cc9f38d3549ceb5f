"""Decide whether a cluster is quiet: what it does now, it will go on doing.

A broker that has just started answers in seconds, and a minute later in milliseconds. No
fixed time and no fixed latency fits every cluster, so the rule compares a cluster with
itself, second by second, over two windows of three seconds:

1. every record is acked and consumed, but for those of the last three seconds: a slow
   cluster always has some under way. None of the window is rejected or indeterminate. Records that
   the reader passed without seeing are not waited for: the drain decides on them;
2. the newest health answer shows no under-replicated and no offline partition;
3. end-to-end latency has stopped falling: p50 and p99 of the newest window whose records have
   all come back are at least two thirds of the window before it. A window whose p99 is below
   50 ms needs no comparison.
"""

from __future__ import annotations

from dataclasses import dataclass

from chaos_runner.kafka.ledger.buckets import Buckets
from chaos_runner.kafka.ledger.tally import Tally
from chaos_runner.measurements.histogram import percentile
from chaos_runner.measurements.model import Health

WINDOW = 3
FAST_MILLISECONDS = 50.0
FALLING = 2 / 3
PATIENCE = 3
"""Seconds for which a record may be under way in a quiet cluster."""


@dataclass(frozen=True)
class Pace:
    """P50 and p99 of a window in milliseconds."""

    p50: float
    p99: float


def why_not_quiet(
    buckets: Buckets, health: Health | None, full_seconds: int, suspects: int = 0
) -> str:
    """Return why the cluster is not quiet, or nothing when it is.

    `full_seconds` is the number of seconds that have passed since the probe's first record,
    `suspects` the number of records that the reader has passed without seeing them.
    """
    late = buckets.open_records(full_seconds - PATIENCE) - suspects
    if late > 0:
        return f"{late} records are under way for more than {PATIENCE} s"
    end = _newest_complete(buckets, full_seconds, suspects)
    if end < WINDOW + 1:
        return "the probe has only just begun"
    newest, before = _window(buckets, end), _window(buckets, end - WINDOW)
    return _missing(newest) or _unhealthy(health) or _restless(_pace(newest), _pace(before))


def _newest_complete(buckets: Buckets, full_seconds: int, suspects: int) -> int:
    """Return the newest second before which all records have come back."""
    ends = range(full_seconds, full_seconds - PATIENCE, -1)
    complete = (end for end in ends if buckets.open_records(end) <= suspects)
    return next(complete, full_seconds - PATIENCE)


def _window(buckets: Buckets, end: int) -> Tally:
    window = Tally()
    for second in range(max(0, end - WINDOW), end):
        window.include(buckets.second(second))
    return window


def _missing(window: Tally) -> str:
    if window.scheduled == 0:
        return "no record was scheduled in the last seconds"
    if window.acked < window.scheduled:
        missing = window.scheduled - window.acked
        return f"{missing} of the last {window.scheduled} records are not acked"
    if window.not_yet_consumed:
        return f"{window.not_yet_consumed} of the last {window.scheduled} records were not consumed"
    return ""


def _unhealthy(health: Health | None) -> str:
    if health is None or not health.answered:
        return "the cluster does not answer the metadata poll"
    if health.under_replicated or health.offline:
        return (
            f"{health.under_replicated} partitions are under-replicated, {health.offline} offline"
        )
    return ""


def _pace(window: Tally) -> Pace | None:
    p50, p99 = percentile(window.end_to_end, 50), percentile(window.end_to_end, 99)
    return None if p50 is None or p99 is None else Pace(p50, p99)


def _restless(newest: Pace | None, before: Pace | None) -> str:
    if newest is None:
        return "no latency was measured yet"
    if newest.p99 <= FAST_MILLISECONDS:
        return ""
    if before is None:
        return "there is nothing to compare the latency with yet"
    if newest.p50 < FALLING * before.p50 or newest.p99 < FALLING * before.p99:
        return f"latency is still falling: p99 {before.p99:.0f} ms, then {newest.p99:.0f} ms"
    return ""
