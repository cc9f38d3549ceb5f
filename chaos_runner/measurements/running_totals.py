"""Totals that are kept up to date by what is new in a bucket, not by adding all of them again."""

from __future__ import annotations

from chaos_runner.measurements.histogram import add, take_off
from chaos_runner.measurements.model import Bucket, Counts, Histogram, Totals

HISTOGRAMS = ("ack", "end_to_end", "ack_censored", "end_to_end_censored")


class RunningTotals:
    """The sum of the newest states of buckets."""

    def __init__(self) -> None:
        self.counts = dict.fromkeys(Counts.model_fields, 0)
        self._histograms: dict[str, Histogram] = {name: {} for name in HISTOGRAMS}

    def replace(self, earlier: Bucket | None, now: Bucket) -> None:
        """Add a bucket, in the place of what was measured of it earlier."""
        for name in self.counts:
            self.counts[name] += getattr(now, name) - (getattr(earlier, name) if earlier else 0)
        for name, histogram in self._histograms.items():
            if earlier:
                take_off(histogram, getattr(earlier, name))
            add(histogram, getattr(now, name))

    def totals(self) -> Totals:
        """Return the sum as it stands."""
        histograms = {name: dict(histogram) for name, histogram in self._histograms.items()}
        return Totals.model_validate(self.counts).model_copy(update=histograms)
