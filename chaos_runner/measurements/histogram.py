"""Put latencies into log-linear bins: small to keep, exact to merge, never wrong by much.

Bins are shaped like HdrHistogram's: linear up to 1.28 ms, then 64 bins to each doubling, so a
bin is never wider than 1/64 (1.6 %) of its latency. A second's histogram is a sparse dict, and
histograms of seconds, phases or partitions add up without any loss.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import accumulate

from chaos_runner.measurements.model import Histogram
from chaos_runner.measurements.schedule import NANOSECONDS_PER_MILLISECOND

UNITS_PER_MILLISECOND = 100
"""Latencies are counted in units of 10 µs, far below what a network round trip takes."""
_UNIT_NANOSECONDS = NANOSECONDS_PER_MILLISECOND // UNITS_PER_MILLISECOND

_SUB_BINS = 64
_LINEAR_BITS = 7
_FOREVER = 64 * 64
"""A bin beyond every latency: 2**70 units."""
BINS = _FOREVER + 1
"""How many bins there are."""


def bin_of(milliseconds: float) -> int:
    """Return the bin of a latency; a negative one counts as zero."""
    return _bin_of_units(int(milliseconds * UNITS_PER_MILLISECOND))


def _bin_of_units(units: int) -> int:
    exponent = units.bit_length() - _LINEAR_BITS
    if units < 0 or exponent <= 0:
        return max(0, units)
    return exponent * _SUB_BINS + (units >> exponent)


def _short_bins(units: int) -> tuple[int, ...]:
    # The same object for every unit of a bin: few numbers stay in the processor's caches.
    bins = list(range(_bin_of_units(units) + 1))
    return tuple(bins[_bin_of_units(unit)] for unit in range(units))


_SHORT_BINS = _short_bins(1 << 15)
"""The bins of latencies up to a third of a second: looked up, they need no arithmetic."""


def add_waits(histogram: Histogram, instants: Sequence[int], ends: int | Sequence[int]) -> None:
    """Count how long it was from each instant to its end, all in nanoseconds, in place.

    `ends` is one end for all, or one for each.
    """
    if isinstance(ends, int):
        units = [(ends - instant) // _UNIT_NANOSECONDS for instant in instants]
    else:
        pairs = zip(instants, ends, strict=True)
        units = [(end - instant) // _UNIT_NANOSECONDS for instant, end in pairs]
    is_short = min(units) >= 0 and max(units) < len(_SHORT_BINS)
    for bin_index in map(_SHORT_BINS.__getitem__ if is_short else _bin_of_units, units):
        histogram[bin_index] = histogram.get(bin_index, 0) + 1


@cache
def milliseconds_of(bin_index: int) -> float:
    """Return the middle of a bin in milliseconds."""
    exponent = max(0, bin_index // _SUB_BINS - 1)
    lowest = (bin_index - exponent * _SUB_BINS) << exponent
    return (lowest + (1 << exponent) / 2) / UNITS_PER_MILLISECOND


def percentile(histogram: Histogram, percent: float) -> float | None:
    """Return the latency in milliseconds that `percent` of the records did not exceed.

    `percent` runs from 0 (the smallest latency) over 50 (the median) to 100 (the largest).
    None when the histogram is empty. Raises ValueError for a fraction such as 0.99, which would
    otherwise be a silent mistake.
    """
    return percentiles(histogram, (percent,))[0]


def percentiles(histogram: Histogram, percents: Sequence[float]) -> list[float | None]:
    """Return several percentiles of one histogram, as `percentile` does."""
    if not histogram:
        return [None] * len(percents)
    bins = sorted(histogram)
    passed = list(accumulate(map(histogram.__getitem__, bins)))
    records, last = passed[-1], len(bins) - 1
    found: list[float | None] = []
    for percent in percents:
        if not 0 <= percent <= 100 or 0 < percent < 1:
            raise ValueError(f"a percentile lies between 1 and 100 (or is 0), not at {percent}")
        rank = records * percent / 100 or 1
        found.append(milliseconds_of(bins[bisect_left(passed, rank, 0, last)]))
    return found


def censored_percentile(
    measured: Histogram, censored: Histogram, percent: float
) -> tuple[float, bool] | None:
    """Return a percentile in milliseconds, and whether it is only a lower bound.

    `censored` says how long the other records have waited in vain: what they will take is at
    least that (right-censored). The first value takes them at their word, so the percentile
    is never below it. It is exact where it would be the same if they took forever. None when
    no record is in either histogram; raises ValueError as `percentile` does.
    """
    if not censored:  # as in most seconds of a run
        alone = percentile(measured, percent)
        return None if alone is None else (alone, False)
    lowest = percentile(merge([measured, censored]), percent)
    if lowest is None:
        return None
    forever = {_FOREVER: sum(censored.values())}
    return lowest, percentile(merge([measured, forever]), percent) != lowest


def merge(histograms: Iterable[Histogram]) -> Histogram:
    """Add histograms up into a new one."""
    merged: Histogram = {}
    for histogram in histograms:
        add(merged, histogram)
    return merged


def add(total: Histogram, histogram: Histogram) -> None:
    """Add one histogram to another in place."""
    if not total:
        total.update(histogram)
        return
    for bin_index, count in histogram.items():
        total[bin_index] = total.get(bin_index, 0) + count


def take_off(total: Histogram, histogram: Histogram) -> None:
    """Take what was added to a histogram off it again, in place."""
    for bin_index, count in histogram.items():
        left = total[bin_index] - count
        if left:
            total[bin_index] = left
        else:
            del total[bin_index]
