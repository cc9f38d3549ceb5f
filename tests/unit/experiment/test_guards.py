"""Guards: a tolerance exceeded without a break for the hold time, and nothing less."""

from __future__ import annotations

import pytest

from chaos_runner.experiment.steady_state import Guard
from chaos_runner.experiment.tolerances import tripped_guard
from chaos_runner.kafka.latency import bin_of
from chaos_runner.kafka.measures import Bucket, Health

START = 1000.0


def guard(**values: object) -> Guard:
    return Guard.model_validate(values)


def bucket(second: int, **values: object) -> Bucket:
    """Return one second in which all of 100 records were acknowledged, but for the values."""
    every = {"scheduled": 100, "acked": 100, "seen": 100, **values}
    return Bucket.model_validate(
        {"second": second, "elapsed": START + second, "phase": "during", **every}
    )


def outage(*seconds: int) -> list[Bucket]:
    return [bucket(second, acked=0, seen=0) for second in seconds]


def fine(*seconds: int) -> list[Bucket]:
    return [bucket(second) for second in seconds]


AVAILABLE = guard(availability="90%", hold="3s")


@pytest.mark.parametrize(
    ("buckets", "trips"),
    [
        ([], False),
        (fine(0, 1, 2, 3, 4, 5), False),
        (outage(0, 1), False),
        (outage(0, 1, 2), False),  # the newest second may still be acknowledged
        (outage(0, 1, 2, 3), True),
        (fine(0, 1) + outage(2, 3, 4, 5), True),
        (outage(0, 1) + fine(2) + outage(3, 4, 5), False),
        (outage(0, 1, 2, 3) + fine(4, 5), False),
    ],
)
def test_availability_must_be_missing_for_the_whole_hold_time(
    buckets: list[Bucket], trips: bool
) -> None:
    tripped = tripped_guard([AVAILABLE], buckets, [])
    assert (tripped is not None) == trips


def test_the_message_says_what_was_watched_and_what_was_seen() -> None:
    tripped = tripped_guard([AVAILABLE], outage(0, 1, 2, 3, 4), [])
    assert tripped is not None
    assert tripped.guard == "availability at least 90% for 3s"
    assert tripped.observed == "0%"


def test_the_first_guard_that_trips_is_told() -> None:
    never = guard(loss="100%", hold="1s")
    tripped = tripped_guard([never, AVAILABLE], outage(0, 1, 2, 3, 4), [])
    assert tripped is not None
    assert tripped.guard.startswith("availability")


def test_a_second_that_cannot_be_judged_neither_breaks_nor_counts() -> None:
    silent = [bucket(2, scheduled=0, acked=0, seen=0)]
    assert tripped_guard([AVAILABLE], outage(0, 1) + silent + outage(3, 4), []) is not None
    only_silent = [bucket(second, scheduled=0, acked=0, seen=0) for second in range(9)]
    assert tripped_guard([AVAILABLE], only_silent, []) is None


def test_slow_acknowledgements_trip() -> None:
    slow = guard(ack_p99="500ms", hold="2s")
    buckets = [bucket(second, ack={bin_of(900): 100}) for second in range(3)]
    tripped = tripped_guard([slow], buckets, [])
    assert tripped is not None
    assert tripped.observed == "896ms"  # the middle of a bin that is 1.6 % wide


def test_open_records_count_against_latency_only_once_they_are_older_than_the_limit() -> None:
    patient = guard(ack_p99="5s", hold="2s")
    assert tripped_guard([patient], outage(0, 1, 2, 3, 4, 5), []) is None
    assert tripped_guard([patient], outage(0, 1, 2, 3, 4, 5, 6), []) is not None


def test_loss_trips_though_the_phase_is_not_over() -> None:
    lossless = guard(loss="0%", hold="2s")
    losing = [bucket(second, lost=1, seen=99) for second in range(3)]
    assert tripped_guard([lossless], losing, []) is not None
    reading = [bucket(second, unseen=50, seen=50) for second in range(9)]
    assert tripped_guard([lossless], reading, []) is None


@pytest.mark.parametrize(
    ("partitions", "trips"),
    [([2, 2, 2, 2], True), ([2, 2, 2], False), ([2, 2, 0, 2, 2], False), ([0, 1, 1, 1], False)],
)
def test_under_replication_is_seen_in_the_health(partitions: list[int], trips: bool) -> None:
    replicated = guard(under_replicated_partitions=1, hold="3s")
    health = [
        Health(
            elapsed=START + second, brokers=3, under_replicated=count, offline=0, not_preferred=0
        )
        for second, count in enumerate(partitions)
    ]
    assert (tripped_guard([replicated], [], health) is not None) == trips
