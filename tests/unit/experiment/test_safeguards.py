"""Safeguards: a tolerance exceeded without a break for the hold time, and nothing less."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaos_runner.experiment.steady_state import Safeguard
from chaos_runner.measurements.exposure import Exposure
from chaos_runner.measurements.histogram import bin_of
from chaos_runner.measurements.model import Bucket, ControllerHealth, GroupHealth, Health
from chaos_runner.measurements.series import Series
from chaos_runner.verdict.answer import Answer, Answered
from chaos_runner.verdict.safeguards import (
    Seen,
    TrippedSafeguard,
    look_back,
    tripped_safeguard,
)
from chaos_runner.wording.safeguards import condition_words, seen_words

START = 1000.0


def trip(
    safeguards: list[Safeguard], buckets: list[Bucket], health: list[Health] | None = None
) -> TrippedSafeguard | None:
    return tripped_safeguard(
        safeguards, Seen(now=START + 100, seconds=list(Series(buckets)), health=health or [])
    )


def safeguard(**values: object) -> Safeguard:
    return Safeguard.model_validate(values)


def bucket(second: int, **values: object) -> Bucket:
    """Return one second in which all of 100 records were acknowledged, but for the values."""
    every = {"scheduled": 100, "acked": 100, "consumed": 100, **values}
    return Bucket.model_validate(
        {"second": second, "elapsed": START + second, "phase": "during", **every}
    )


def outage(*seconds: int) -> list[Bucket]:
    return [bucket(second, acked=0, consumed=0) for second in seconds]


def fine(*seconds: int) -> list[Bucket]:
    return [bucket(second) for second in seconds]


AVAILABLE = safeguard(availability="90%", hold="3s")


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
    tripped = trip([AVAILABLE], buckets)
    assert (tripped is not None) == trips


def test_the_message_says_what_was_watched_and_what_was_seen() -> None:
    tripped = trip([AVAILABLE], outage(0, 1, 2, 3, 4))
    assert tripped is not None
    assert condition_words(tripped.safeguard) == "availability at least 90% for 3s"
    assert seen_words(tripped.observed) == "0%"
    assert tripped.since == START


def test_the_first_guard_that_trips_is_told() -> None:
    never = safeguard(loss="100%", hold="1s")
    tripped = trip([never, AVAILABLE], outage(0, 1, 2, 3, 4))
    assert tripped is not None
    assert condition_words(tripped.safeguard).startswith("availability")


def test_a_second_that_cannot_be_judged_neither_breaks_nor_counts() -> None:
    silent = [bucket(2, scheduled=0, acked=0, consumed=0)]
    assert trip([AVAILABLE], outage(0, 1) + silent + outage(3, 4)) is not None
    only_silent = [bucket(second, scheduled=0, acked=0, consumed=0) for second in range(9)]
    assert trip([AVAILABLE], only_silent) is None


def test_slow_acknowledgements_trip() -> None:
    slow = safeguard(ack_p99="500ms", hold="2s")
    buckets = [bucket(second, ack={bin_of(900): 100}) for second in range(3)]
    tripped = trip([slow], buckets)
    assert tripped is not None
    assert seen_words(tripped.observed) == "896ms"  # the middle of a bin that is 1.6 % wide


def test_open_records_count_against_latency_only_once_they_are_older_than_the_limit() -> None:
    patient = safeguard(ack_p99="5s", hold="2s")
    assert trip([patient], outage(0, 1, 2, 3, 4, 5)) is None
    assert trip([patient], outage(0, 1, 2, 3, 4, 5, 6)) is not None


def test_loss_trips_though_the_phase_is_not_over() -> None:
    lossless = safeguard(loss="0%", hold="2s")
    losing = [bucket(second, lost=1, consumed=99) for second in range(3)]
    assert trip([lossless], losing) is not None
    reading = [bucket(second, not_yet_consumed=50, consumed=50) for second in range(9)]
    assert trip([lossless], reading) is None


@pytest.mark.parametrize(
    ("partitions", "trips"),
    [([2, 2, 2, 2], True), ([2, 2, 2], False), ([2, 2, 0, 2, 2], False), ([0, 1, 1, 1], False)],
)
def test_under_replication_is_seen_in_the_health(partitions: list[int], trips: bool) -> None:
    replicated = safeguard(under_replicated_partitions=1, hold="3s")
    health = [
        Health(
            elapsed=START + second, brokers=3, under_replicated=count, offline=0, not_preferred=0
        )
        for second, count in enumerate(partitions)
    ]
    assert (trip([replicated], [], health) is not None) == trips


def answer(second: int, **values: object) -> Health:
    every = {"brokers": 3, "under_replicated": 0, "offline": 0, "not_preferred": 0}
    return Health.model_validate({"elapsed": START + second, **every, **values})


def absent(age: float = 1.0) -> ControllerHealth:
    return ControllerHealth(active=False, age=age, milliseconds=3000, reason="timed out")


STALLED = GroupHealth(status="STALL", lag=700, age=1.0)


@pytest.mark.parametrize(
    ("limit", "bad", "watched", "observed"),
    [
        (
            {"offline_partitions": 0},
            {"offline": 2},
            "offline_partitions at most 0 for 2s",
            "2",
        ),
        (
            {"under_min_isr_partitions": 1},
            {"under_min_isr": 2},
            "under_min_isr_partitions at most 1 for 2s",
            "2",
        ),
        ({"brokers": 3}, {"brokers": 2}, "brokers at least 3 for 2s", "2"),
        ({"controller": "active"}, {"controller": absent()}, "controller active for 2s", "absent"),
        (
            {"group_lag": 500},
            {"groups": {"payments": STALLED}},
            "group_lag at most 500 for 2s",
            "700 (payments)",
        ),
        (
            {"group_status": "WARN"},
            {"groups": {"payments": STALLED}},
            "group_status at worst WARN for 2s",
            "STALL (payments)",
        ),
    ],
)
def test_guards_on_the_health(
    limit: dict[str, object], bad: dict[str, object], watched: str, observed: str
) -> None:
    watching = [safeguard(**limit, hold="2s")]
    tripped = trip(watching, [], [answer(0), *(answer(second, **bad) for second in (1, 2, 3))])
    assert tripped is not None
    words = condition_words(tripped.safeguard), seen_words(tripped.observed)
    assert (*words, tripped.since) == (watched, observed, START + 1)
    assert trip(watching, [], [answer(second, **bad) for second in (1, 2)]) is None


@pytest.mark.parametrize(
    ("limit", "unknown"),
    [
        ({"offline_partitions": 0}, {"offline": 2, "answered": False}),
        ({"under_min_isr_partitions": 0}, {"under_min_isr": None}),
        ({"controller": "active"}, {"controller": None}),
        ({"controller": "active"}, {"controller": absent(age=60)}),
        ({"group_lag": 0}, {"groups": {}}),
        ({"group_lag": 0}, {"groups": {"payments": STALLED.model_copy(update={"age": 60})}}),
    ],
)
def test_what_nobody_knows_trips_no_guard(
    limit: dict[str, object], unknown: dict[str, object]
) -> None:
    answers = [answer(second, **unknown) for second in range(9)]
    assert trip([safeguard(**limit, hold="2s")], [], answers) is None


def test_the_groups_of_a_second_are_watched_together() -> None:
    """A control group that is well does not hide the partitions that are not."""
    half = {"scheduled": 50, "consumed": 0}
    parts = [
        bucket(second, group=group, acked=acked, **half)
        for second in range(6)
        for group, acked in ((Exposure.LEADER, 0), (Exposure.NONE, 50))
    ]
    assert trip([AVAILABLE], parts) is not None
    assert trip([safeguard(availability="40%", hold="3s")], parts) is None


CHECK = safeguard(command=["./check", "--all orders"], hold="4s")


def results(*said: tuple[float, bool]) -> Seen:
    answers = [
        Answered(
            START + at,
            START + at,
            Answer(how="exit", code=int(not good), verdict="held" if good else "deviated"),
        )
        for at, good in said
    ]
    return Seen(now=START + 10, answers={0: answers})


@pytest.mark.parametrize(
    ("seen", "since"),
    [
        (Seen(now=START), None),
        (results((0, True), (5, True)), None),
        (results((5, False)), 5),  # said once, and nothing else since: five seconds
        (results((7, False)), None),
        (results((1, False), (6, False)), 1),
        (results((1, False), (4, True)), None),
        (results((1, False), (4, True), (6, False)), 6),
    ],
)
def test_what_a_command_said_counts_until_it_says_something_else(
    seen: Seen, since: float | None
) -> None:
    tripped = tripped_safeguard([CHECK], seen)
    assert (tripped.since - START if tripped else None) == since
    if tripped:
        assert condition_words(tripped.safeguard) == "command ./check '--all orders' for 4s"
        assert seen_words(tripped.observed) == "exit code 1"


def test_guards_look_back_as_far_as_they_need() -> None:
    assert look_back([]) == 5.0
    assert look_back([safeguard(ack_p99="5s", hold="2s")]) >= 7.0
    # A count is no time: a limit of a million partitions is not a million seconds.
    assert look_back([safeguard(offline_partitions=1_000_000, hold="2s")]) < 10.0


@given(
    st.lists(st.sampled_from(["bad", "good", "unknown"]), max_size=12),
    st.integers(1, 6),
)
def test_a_guard_trips_exactly_when_a_plain_count_says_so(words: list[str], hold: int) -> None:
    answers: dict[str, dict[str, object]] = {
        "bad": {"offline": 1},
        "good": {},
        "unknown": {"answered": False},
    }
    health = [answer(second, **answers[word]) for second, word in enumerate(words)]
    last_good = max((n for n, word in enumerate(words) if word == "good"), default=-1)
    bad = [n for n, word in enumerate(words) if word == "bad" and n > last_good]
    expected = bool(bad) and bad[-1] - bad[0] >= hold
    watching = safeguard(offline_partitions=0, hold=f"{hold}s")
    assert (trip([watching], [], health) is not None) == expected
