"""Put the buckets of one second together: a guard watches all records, not those of a group."""

from __future__ import annotations

from collections.abc import Iterable

from chaos_runner.kafka.latency import merge
from chaos_runner.kafka.measures import Bucket, Counts


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
        **{name: sum(getattr(part, name) for part in parts) for name in Counts.model_fields},
        second=parts[0].second,
        elapsed=parts[0].elapsed,
        phase=parts[-1].phase,
        ack=merge([part.ack for part in parts]),
        end_to_end=merge([part.end_to_end for part in parts]),
        ack_censored=merge([part.ack_censored for part in parts]),
        end_to_end_censored=merge([part.end_to_end_censored for part in parts]),
    )
