"""Gather seconds into as many columns as a chart can show."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from math import ceil

from chaos_runner.analysis.latency import PERCENTILES, Latency
from chaos_runner.analysis.run_seconds import SecondTable
from chaos_runner.analysis.summarized_seconds import LatencyColumns, SecondColumns
from chaos_runner.measurements.model import Counts
from chaos_runner.measurements.totals import COUNTS

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
    seconds: SecondTable, frame: SecondTable | None = None, most: int = MOST_COLUMNS
) -> tuple[Column, ...]:
    """Return at most so many columns of equal length, in time order.

    With a `frame`, the columns lie where those of its seconds lie.
    """
    numbers = seconds.columns.second
    of_frame = frame.columns.second if frame else numbers
    if not numbers:
        return ()
    first = of_frame[0]
    length = ceil((of_frame[-1] - first + 1) / most)
    columns = []
    begin = 0
    while begin < len(numbers):
        index = (numbers[begin] - first) // length
        end = bisect_left(numbers, first + (index + 1) * length, begin)
        columns.append(_column(index, seconds.columns, slice(begin, end)))
        begin = end
    return tuple(columns)


def _column(index: int, seconds: SecondColumns, part: slice) -> Column:
    phases = dict.fromkeys(seconds.phases[part])  # mostly one
    return Column(
        index=index,
        start=seconds.elapsed[part.start],
        end=seconds.elapsed[part.stop - 1] + 1,
        seconds=part.stop - part.start,
        phases=tuple(dict.fromkeys(chain.from_iterable(phases))),
        counts=Counts(**{name: sum(getattr(seconds, name)[part]) for name in COUNTS}),
        ack=_worst(seconds.ack, part),
        end_to_end=_worst(seconds.end_to_end, part),
    )


def _worst(rows: LatencyColumns, part: slice) -> Latency:
    bounds = {*chain.from_iterable({*rows.bounds[part]})}
    return Latency(
        p50=_highest(rows.p50[part]),
        p99=_highest(rows.p99[part]),
        max=_highest(rows.max[part]),
        bounds=tuple(name for name in PERCENTILES if name in bounds),
    )


def _highest(values: Sequence[float | None]) -> float | None:
    return max([value for value in values if value is not None], default=None)
