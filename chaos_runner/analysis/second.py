"""One second of the probe as a report shows it: counts and percentiles, without histograms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chaos_runner.analysis.latency import Latency, latency_of
from chaos_runner.measurements.model import Bucket
from chaos_runner.measurements.totals import add_totals, counts_of


@dataclass(frozen=True, slots=True)
class Second:
    """One second of the probe, of all phases that touch it; the counts are those of `Counts`."""

    scheduled: int
    rejected: int
    acked: int
    indeterminate: int
    consumed: int
    duplicates: int
    lost: int
    not_yet_consumed: int
    reordered: int
    second: int
    elapsed: float
    phases: tuple[str, ...]
    ack: Latency
    end_to_end: Latency


def second_of(parts: Sequence[Bucket], start: float, *, final: bool) -> Second:
    """Return what the buckets of a second came to; `start` is when the whole second began.

    `final` tells that no record is on its way any more.
    """
    counts = parts[0] if len(parts) == 1 else add_totals(parts)
    scheduled, rejected, acked, indeterminate, consumed, *others = counts_of(counts)
    duplicates, lost, not_yet_consumed, reordered = others
    return Second(
        scheduled,
        rejected,
        acked,
        indeterminate,
        consumed,
        duplicates,
        lost,
        not_yet_consumed,
        reordered,
        parts[0].second,
        start,
        tuple(dict.fromkeys([part.phase for part in parts])),
        latency_of("ack", counts, final=final),
        latency_of("end_to_end", counts, final=final),
    )
