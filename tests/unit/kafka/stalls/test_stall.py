"""Stuck is only a client that another one overtakes; what is down is never called stuck."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaos_runner.kafka.stalls.stall import (
    LOOKS_NEEDED,
    Look,
    Stall,
    patience,
    producer_is_stuck,
    reader_is_stuck,
)

WELL = Look(partition=0, leader=2, writable=True, end=100)
looks = st.builds(
    Look,
    partition=st.just(0),
    leader=st.sampled_from([-1, 1, 2]),
    writable=st.booleans(),
    end=st.none() | st.integers(0, 200),
)


def test_a_leader_that_tells_of_records_three_times_proves_a_reader_stuck() -> None:
    assert not reader_is_stuck([WELL] * (LOOKS_NEEDED - 1), position=99)
    assert reader_is_stuck([WELL] * LOOKS_NEEDED, position=99)
    assert not reader_is_stuck([WELL] * LOOKS_NEEDED, position=100)


@pytest.mark.parametrize(
    "odd",
    [
        Look(0, leader=-1, writable=False, end=None),
        Look(0, leader=2, writable=True, end=None),
        Look(0, leader=3, writable=True, end=100),
    ],
)
def test_no_leader_a_silent_one_and_a_new_one_are_an_outage(odd: Look) -> None:
    for place in range(LOOKS_NEEDED):
        seen = [WELL] * LOOKS_NEEDED
        seen[place] = odd
        assert not reader_is_stuck(seen, position=0)
        assert not producer_is_stuck(seen)


def test_a_partition_short_of_replicas_explains_a_producer_but_not_a_reader() -> None:
    seen = [WELL, WELL, Look(0, leader=2, writable=False, end=100)]
    assert not producer_is_stuck(seen)
    assert reader_is_stuck(seen, position=50)


@given(st.lists(looks, max_size=5), st.integers(0, 200))
def test_stuck_means_one_leader_that_answers_throughout(seen: list[Look], position: int) -> None:
    whole = len(seen) >= LOOKS_NEEDED and len({look.leader for look in seen}) == 1
    answers = all(look.leader >= 0 and look.end is not None for look in seen)
    writable = all(look.writable for look in seen)
    beyond = all((look.end or 0) > position for look in seen)
    assert producer_is_stuck(seen) == (whole and answers and writable)
    assert reader_is_stuck(seen, position) == (whole and answers and beyond)


@given(st.lists(st.tuples(st.integers(0, 3), st.booleans()), max_size=60))
def test_a_standstill_begins_with_the_first_look_that_finds_no_progress(
    notes: list[tuple[int, bool]],
) -> None:
    still = Stall()
    progress, since, before = 0, None, None
    for now, (moved, has_work) in enumerate(notes):
        progress += moved
        still.note(progress, has_work, float(now))
        if progress != before or not has_work:
            since = None
        elif since is None:
            since = now
        before = progress
        assert still.seconds(float(now)) == (0 if since is None else now - since)


def test_what_was_seen_before_the_client_stood_still_proves_nothing() -> None:
    still = Stall()
    still.note_look(WELL)
    assert still.looks == []
    still.note(5, True, 0.0)
    still.note(5, True, 1.0)
    for _ in range(LOOKS_NEEDED + 2):
        still.note_look(WELL)
    assert still.looks == [WELL] * LOOKS_NEEDED
    still.note(6, True, 2.0)
    assert still.looks == []


def test_patience_outlasts_the_socket_timeout_and_doubles_up_to_a_limit() -> None:
    assert patience(30, socket_timeout=6, rebuilt=0) == 30
    assert patience(30, socket_timeout=60, rebuilt=0) == 120
    assert patience(30, socket_timeout=6, rebuilt=2) == 120
    assert patience(30, socket_timeout=6, rebuilt=50) == patience(30, 6, 5)
