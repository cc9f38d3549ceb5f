from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from chaos_runner.kafka.ledger.outage import Gap, OutageWatch

SEND, ACK, GIVE_UP = "send", "ack", "give up"


def slowly(story: list[tuple[str, int]]) -> int:
    """Return the longest gap by trying every pair of instants of the story.

    From `start` to `end` there was no ack, and at `start` a record was due, or an ack came
    while others went on waiting.
    """
    now = story[-1][1] if story else 0
    longest = 0
    for number, (what, start) in enumerate(story):
        so_far = story[: number + 1]
        waiting = sum(1 if each == SEND else -1 for each, _ in so_far)
        if not (what == SEND or (what == ACK and waiting)):
            continue
        later = story[number + 1 :]
        end = next((instant for each, instant in later if each == ACK), None)
        if end is None:
            # Nobody waits any more after the last record was given up.
            open_at_end = sum(1 if each == SEND else -1 for each, _ in story)
            gave_up = [instant for each, instant in later if each == GIVE_UP]
            end = now if open_at_end else gave_up[-1]
        longest = max(longest, end - start)
    return longest


@given(st.lists(st.tuples(st.sampled_from([SEND, SEND, ACK, GIVE_UP]), st.integers(1, 9))))
def test_it_finds_the_longest_gap_that_a_walk_over_everything_finds(
    steps: list[tuple[str, int]],
) -> None:
    story: list[tuple[str, int]] = []
    now = open_records = 0
    watch = OutageWatch()
    for what, later in steps:
        if what != SEND and not open_records:
            continue
        open_records += 1 if what == SEND else -1
        now += later
        story.append((what, now))
        if what == SEND:
            watch.due(now)
        elif what == ACK:
            watch.acked(now)
        else:
            watch.given_up(now)
    gap = watch.longest(now)
    assert (0 if gap is None else gap.length) == slowly(story)


def test_a_gap_runs_from_the_first_record_that_waits_to_the_next_ack() -> None:
    watch = OutageWatch()
    for instant in (10, 11, 12):
        watch.due(instant)
    watch.acked(40)
    watch.acked(41)
    watch.acked(42)
    assert watch.longest(100) == Gap(10, 40, 30)


def test_nothing_due_is_no_outage() -> None:
    watch = OutageWatch()
    watch.due(10)
    watch.acked(11)
    watch.due(500)
    watch.acked(502)
    assert watch.longest(1000) == Gap(500, 502, 2)


def test_what_never_ends_has_no_end() -> None:
    watch = OutageWatch()
    watch.due(10, count=2)
    assert watch.longest(25) == Gap(10, None, 15)


def test_given_up_records_end_no_gap_but_nobody_waits_after_them() -> None:
    watch = OutageWatch()
    watch.due(10)
    watch.given_up(20)
    assert watch.longest(1000) == Gap(10, None, 10)
    watch.due(30)
    watch.acked(35)
    assert watch.longest(1000) == Gap(10, 35, 25)
