"""One second of the probe as a report shows it: counts and percentiles, without histograms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chaos_runner.analysis.latency import Latency, arrived_latency, latency_of
from chaos_runner.measurements.histogram import merge
from chaos_runner.measurements.model import Bucket
from chaos_runner.measurements.totals import add_totals, counts_of


@dataclass(slots=True)
class Second:
    """One second of the probe, of all phases that touch it; the counts are those of `Counts`.

    It is not frozen: to make one would take three times as long, and a day has 350,000.
    """

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
    counts = map(sum, zip(*map(counts_of, parts), strict=True))
    scheduled, rejected, acked, indeterminate, consumed, *others = counts
    duplicates, lost, not_yet_consumed, reordered = others
    if min(acked, consumed) >= scheduled - rejected:
        ack = arrived_latency(merge([part.ack for part in parts]))
        end_to_end = arrived_latency(merge([part.end_to_end for part in parts]))
    else:
        whole = add_totals(parts)
        ack = latency_of("ack", whole, final=final)
        end_to_end = latency_of("end_to_end", whole, final=final)
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
        ack,
        end_to_end,
    )
