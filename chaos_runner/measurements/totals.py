"""Add up seconds, phases and groups; and keep a sum up to date by what is new in a bucket."""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter

from chaos_runner.measurements.histogram import add, merge, take_off
from chaos_runner.measurements.model import Bucket, Counts, Histogram, Totals

HISTOGRAMS = ("ack", "end_to_end", "ack_censored", "end_to_end_censored")

COUNTS = tuple(Counts.model_fields)
"""The names of all counts."""
counts_of = attrgetter(*COUNTS)
"""Returns the counts of a row, in the order of their names."""


def sum_counts(parts: Iterable[object]) -> Counts:
    """Add counts up, field by field; the parts have the fields of `Counts`."""
    return Counts(**_sums(list(parts)))


def _sums(rows: list[object]) -> dict[str, int]:
    columns = zip(*map(counts_of, rows), strict=True)
    return dict(zip(COUNTS, map(sum, columns), strict=bool(rows)))


def add_totals(parts: Iterable[Bucket | Totals]) -> Totals:
    """Add counts and histograms of buckets or phases into one."""
    rows = list(parts)
    return Totals.model_construct(  # of what was looked at already
        None,
        **_sums([*rows]),
        ack=merge([row.ack for row in rows]),
        end_to_end=merge([row.end_to_end for row in rows]),
        ack_censored=merge([row.ack_censored for row in rows]),
        end_to_end_censored=merge([row.end_to_end_censored for row in rows]),
        lost_records=[name for row in rows if isinstance(row, Totals) for name in row.lost_records],
    )


class RunningTotals:
    """The sum of the newest states of buckets."""

    def __init__(self) -> None:
        self.counts = dict.fromkeys(Counts.model_fields, 0)
        self._histograms: dict[str, Histogram] = {name: {} for name in HISTOGRAMS}

    def replace(self, earlier: Bucket | None, now: Bucket) -> None:
        """Add a bucket, in the place of what was measured of it earlier."""
        for name in self.counts:
            self.counts[name] += getattr(now, name)
        for name, histogram in self._histograms.items():
            add(histogram, getattr(now, name))
        if earlier:
            for name in self.counts:
                self.counts[name] -= getattr(earlier, name)
            for name, histogram in self._histograms.items():
                take_off(histogram, getattr(earlier, name))

    def totals(self) -> Totals:
        """Return the sum as it stands."""
        histograms = {name: dict(histogram) for name, histogram in self._histograms.items()}
        return Totals.model_validate(self.counts).model_copy(update=histograms)
