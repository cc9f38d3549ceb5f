"""Add up seconds, phases and groups; and keep a sum up to date by what is new in a bucket."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import add as plus
from operator import attrgetter, sub

from chaos_runner.measurements.histogram import add, merge, take_off
from chaos_runner.measurements.model import Bucket, Counts, Histogram, Totals

HISTOGRAMS = ("ack", "end_to_end", "ack_censored", "end_to_end_censored")
histograms_of = attrgetter(*HISTOGRAMS)
"""Returns the histograms of a row, in this order."""

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


def together(parts: Sequence[Bucket]) -> Sequence[Bucket]:
    """Return the buckets of a second, those of all zones in one for each phase and group."""
    slots: dict[tuple[str, str], list[Bucket]] = {}
    for part in parts:
        slots.setdefault((part.phase, part.group), []).append(part)
    if len(slots) == len(parts):
        return parts
    return [own[0] if len(own) == 1 else _one_of(own) for own in slots.values()]


def _one_of(parts: Sequence[Bucket]) -> Bucket:
    sums = add_totals(parts)
    kept = {name: getattr(sums, name) for name in (*COUNTS, *HISTOGRAMS)}
    start = min(part.elapsed for part in parts)
    return parts[0].model_copy(update={**kept, "elapsed": start, "zone": ""})


class RunningTotals:
    """The sum of the newest states of buckets."""

    def __init__(self) -> None:
        self._counts = [0] * len(COUNTS)
        self._histograms: tuple[Histogram, ...] = tuple({} for _ in HISTOGRAMS)

    def count(self, name: str) -> int:
        """Return one count by its name."""
        return self._counts[COUNTS.index(name)]

    def replace(self, earlier: Bucket | None, now: Bucket | Totals) -> None:
        """Add a bucket, or a sum of them, in the place of what was measured of it earlier."""
        self._counts = [*map(plus, self._counts, counts_of(now))]
        for total, histogram in zip(self._histograms, histograms_of(now), strict=True):
            if histogram:
                add(total, histogram)
        if earlier:
            self._counts = [*map(sub, self._counts, counts_of(earlier))]
            for total, histogram in zip(self._histograms, histograms_of(earlier), strict=True):
                take_off(total, histogram)

    def totals(self) -> Totals:
        """Return the sum as it stands."""
        counts = dict(zip(COUNTS, self._counts, strict=True))
        histograms = zip(HISTOGRAMS, map(dict, self._histograms), strict=True)
        return Totals.model_validate(counts).model_copy(update=dict(histograms))
