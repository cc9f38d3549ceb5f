"""Percentiles of one latency as people see them: over all records, arrived or not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from chaos_runner.analysis.arrivals import Way, arrivals_of, missing_records
from chaos_runner.measurements.histogram import percentiles
from chaos_runner.measurements.model import Bucket, Histogram, Totals

Percentile = Literal["p50", "p99", "max"]
PERCENTILES: dict[Percentile, float] = {"p50": 50, "p99": 99, "max": 100}
_PERCENTS = tuple(PERCENTILES.values())


@dataclass(slots=True)
class Latency:
    """Percentiles of one latency, milliseconds, over all records, arrived or not.

    Not frozen, as `Second` is not: a day has 700,000 of these. A percentile that falls among
    records that did not arrive is a lower bound. It is null where there is no record, and, as a
    bound, where it is not known how long they waited.
    """

    p50: float | None = None
    p99: float | None = None
    max: float | None = None
    bounds: tuple[Percentile, ...] = ()
    """Those that are more than they say, by an unknown lot."""


def arrived_latency(measured: Histogram) -> Latency:
    """Return the percentiles of records that arrived all, as in most seconds of a run."""
    p50, p99, most = percentiles(measured, _PERCENTS)
    return Latency(p50, p99, most)


def latency_of(way: Way, counts: Bucket | Totals, *, final: bool) -> Latency:
    """Return the percentiles; `final` tells that no record is on its way any more."""
    if not missing_records(way, counts):
        return arrived_latency(counts.ack if way == "ack" else counts.end_to_end)
    arrivals = arrivals_of(way, counts, complete=final)
    found = {name: arrivals.percentile(percent) for name, percent in PERCENTILES.items()}
    known = {name: each.milliseconds for name, each in found.items() if each and not each.never}
    bounds = tuple(name for name, each in found.items() if each and each.beyond)
    return Latency(**known, bounds=bounds)
