"""Add up seconds, phases and groups."""

from __future__ import annotations

from collections.abc import Iterable

from chaos_runner.measurements.histogram import merge
from chaos_runner.measurements.model import Bucket, Counts, Totals


def sum_counts(parts: Iterable[Counts]) -> Counts:
    """Add counts up, field by field."""
    rows = list(parts)
    return Counts(**{name: sum(getattr(row, name) for row in rows) for name in Counts.model_fields})


def add_totals(parts: Iterable[Bucket | Totals]) -> Totals:
    """Add counts and histograms of buckets or phases into one."""
    rows = list(parts)
    return Totals(
        **sum_counts(rows).model_dump(),
        ack=merge([row.ack for row in rows]),
        end_to_end=merge([row.end_to_end for row in rows]),
        ack_censored=merge([row.ack_censored for row in rows]),
        end_to_end_censored=merge([row.end_to_end_censored for row in rows]),
        lost_records=[name for row in rows if isinstance(row, Totals) for name in row.lost_records],
    )
