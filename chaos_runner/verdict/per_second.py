"""Put the buckets of one second together: a safeguard watches all records, not those of a group."""

from __future__ import annotations

from collections.abc import Iterable

from chaos_runner.measurements.model import Bucket
from chaos_runner.measurements.totals import add_totals


def whole_seconds(buckets: Iterable[Bucket]) -> list[Bucket]:
    """Return one bucket a second, in order, with the records of every phase and group in it.

    It bears the newest phase and no group.
    """
    seconds: dict[int, list[Bucket]] = {}
    for bucket in buckets:
        seconds.setdefault(bucket.second, []).append(bucket)
    return [_together(seconds[second]) for second in sorted(seconds)]


def _together(parts: list[Bucket]) -> Bucket:
    if len(parts) == 1:
        return parts[0]
    return Bucket(
        **add_totals(parts).model_dump(exclude={"lost_records"}),
        second=parts[0].second,
        elapsed=parts[0].elapsed,
        phase=parts[-1].phase,
    )
