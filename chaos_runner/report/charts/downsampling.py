"""Gather seconds into as many columns as a chart can show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from math import ceil

from chaos_runner.analysis.latency import PERCENTILES, Latency
from chaos_runner.analysis.second import Second
from chaos_runner.measurements.model import Counts
from chaos_runner.measurements.totals import sum_counts

MOST_COLUMNS = 500
"""More than this many points in a chart are less than two pixels apart."""
MOST_TIPS = 100
"""Tips are most of a page's size, and one narrower than this is hard to point at."""


@dataclass(frozen=True)
class Column:
    """One or more seconds: counts added up, latencies of the worst second."""

    index: int
    """Its place in the row of columns; one that holds no second is left out."""
    start: float
    end: float
    """Seconds since the run started."""
    seconds: int
    phases: tuple[str, ...]
    counts: Counts
    ack: Latency
    end_to_end: Latency

    @property
    def middle(self) -> float:
        """Return the moment at which the column is drawn."""
        return (self.start + self.end) / 2

    @property
    def availability(self) -> float | None:
        """Return the share of the records due that were acknowledged, in per cent."""
        if not self.counts.scheduled:
            return None
        return 100 * self.counts.acked / self.counts.scheduled

    def rate(self, name: str) -> float:
        """Return a count per second."""
        return float(getattr(self.counts, name)) / self.seconds


def columns_of(
    seconds: Sequence[Second], frame: Sequence[Second] | None = None, most: int = MOST_COLUMNS
) -> tuple[Column, ...]:
    """Return at most so many columns of equal length, in time order.

    With a `frame`, the columns lie where those of its seconds lie.
    """
    if not seconds:
        return ()
    frame = frame or seconds
    first = frame[0].second
    length = ceil((frame[-1].second - first + 1) / most)
    groups: dict[int, list[Second]] = {}
    for second in seconds:
        groups.setdefault((second.second - first) // length, []).append(second)
    return tuple(_column(index, group) for index, group in groups.items())


def _column(index: int, seconds: list[Second]) -> Column:
    phases = dict.fromkeys([second.phases for second in seconds])  # mostly one
    return Column(
        index=index,
        start=seconds[0].elapsed,
        end=seconds[-1].elapsed + 1,
        seconds=len(seconds),
        phases=tuple(dict.fromkeys(chain.from_iterable(phases))),
        counts=sum_counts(seconds),
        ack=_worst([second.ack for second in seconds]),
        end_to_end=_worst([second.end_to_end for second in seconds]),
    )


def _worst(rows: Sequence[Latency]) -> Latency:
    bounds = {name for row in rows if row.bounds for name in row.bounds}
    return Latency(
        p50=_highest([row.p50 for row in rows]),
        p99=_highest([row.p99 for row in rows]),
        max=_highest([row.max for row in rows]),
        bounds=tuple(name for name in PERCENTILES if name in bounds),
    )


def _highest(values: Sequence[float | None]) -> float | None:
    return max([value for value in values if value is not None], default=None)
