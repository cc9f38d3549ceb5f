"""The final account of a probe, from its ledger after the drain."""

from __future__ import annotations

import time
from collections.abc import Sequence

from chaos_runner.kafka.common.messages import Finished
from chaos_runner.kafka.common.notices import Notices
from chaos_runner.kafka.ledger.ledger import Ledger
from chaos_runner.kafka.ledger.outage import SHORTEST_SECONDS
from chaos_runner.kafka.probe.drain import Drain
from chaos_runner.measurements.exposure import Exposure
from chaos_runner.measurements.model import Outage
from chaos_runner.measurements.schedule import NANOSECONDS


def final_summary(request: int, drain: Drain, exposed: Sequence[Exposure]) -> Finished:
    """Return the answer to the command to finish; `exposed` is each partition's exposure."""
    ledger, now = drain.engine.ledger, time.monotonic()
    return Finished(
        request=request,
        complete=not drain.reasons,
        totals=ledger.buckets.totals(now),
        groups=ledger.buckets.group_totals(now),
        anomalies=ledger.anomalies.told(**drain.engine.rebuilt()),
        outages=outages(ledger, exposed, time.monotonic_ns()),
        reason="; ".join(drain.reasons),
    )


def outages(ledger: Ledger, exposed: Sequence[Exposure], now: int) -> list[Outage]:
    """Return the longest gap of each partition that had one of a second or more.

    `now` is in nanoseconds of `time.monotonic_ns()`.
    """
    gaps = [page.outage.longest(now) for page in ledger.partitions]
    return [
        Outage(
            partition=partition,
            group=exposed[partition],
            start=gap.start / NANOSECONDS,
            end=None if gap.end is None else gap.end / NANOSECONDS,
        )
        for partition, gap in enumerate(gaps)
        if gap is not None and gap.length >= SHORTEST_SECONDS * NANOSECONDS
    ]


def tell_anomalies(ledger: Ledger, notices: Notices, *, idempotent: bool) -> None:
    """Tell people what must not happen in any cluster, whatever fault it suffers."""
    anomalies = ledger.anomalies
    if anomalies.corrupt:
        notices.tell("error", f"{anomalies.corrupt} records came back corrupt")
    if anomalies.phantom:
        notices.tell("error", f"{anomalies.phantom} records came back that were never sent")
    for truncation in anomalies.truncations[:1]:
        more = len(anomalies.truncations) - 1
        others = f", and {more} more" if more else ""
        notices.tell("error", f"a log was truncated: {truncation}{others}")
    totals = ledger.buckets.totals(time.monotonic()).values()
    duplicates = sum(counts.duplicates for counts in totals)
    if idempotent and duplicates:
        notices.tell(
            "error",
            f"{duplicates} records are in the log more than once, though the producer is "
            "idempotent and never sends a record in two sessions",
        )
