"""What is made beforehand is sent and accounted for as what is made when it is due."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chaos_runner.measurements.schedule import Schedule
from tests.unit.kafka.producing.partition_sender_rig import MILLISECOND, Broker, Rig

RATE = 100
APART = 10 * MILLISECOND
AHEAD = 250 * MILLISECOND


def rig_of(broker: Broker, senders: int, most_in_flight: float = 5, *, together: int = 1) -> Rig:
    rig = Rig(broker, senders=senders, most_in_flight=most_in_flight)
    rig.schedule.rate, rig.schedule.together = RATE, together
    rig.schedule.next_due = 0
    broker.serve = rig.group_producer.serve  # what comes is noted when the sender looks
    return rig


def pass_time(rig: Rig, now: int, *, beforehand: bool) -> None:
    """Do what the engine does at an instant."""
    if not beforehand or not rig.sender.send_ready(now, 0):
        rig.sender.send_due(now)
        rig.sender.note_reports()
        if beforehand:
            rig.sender.make_ready(now + AHEAD)


def account(rig: Rig) -> object:
    rig.sender.send_due(rig.now)
    rig.sender.note_reports()
    lateness = rig.sender.take_lateness()
    return (
        sorted(rig.sent(), key=lambda one: one.partition),
        rig.ledger.buckets.totals(0.0),
        rig.open_records,
        (lateness.sends, lateness.late, lateness.most),
        [page.next_sequence for page in rig.ledger.partitions],
    )


steps = st.lists(
    st.tuples(st.sampled_from(["wait", "ack", "phase", "stall", "refuse"]), st.integers(1, 40)),
    max_size=25,
)


@settings(max_examples=200, deadline=None)
@given(steps, st.integers(1, 3), st.sampled_from([5, math.inf]), st.sampled_from([1, 3, 5]))
def test_records_made_beforehand_are_sent_and_noted_as_any_other(
    story: list[tuple[str, int]], senders: int, most_in_flight: float, together: int
) -> None:
    rigs = [rig_of(Broker(), senders, most_in_flight, together=together) for _ in range(2)]
    for rig, beforehand in zip(rigs, (False, True), strict=True):
        for what, count in story:
            match what:
                case "ack":
                    rig.broker.acknowledge(min(count, len(rig.broker.waiting)))
                case "phase":
                    rig.sender.enter_phase(f"after {count}", rig.now)
                case "stall":
                    rig.now += count * MILLISECOND
                case "refuse":
                    rig.broker.room = len(rig.broker.waiting) + count % 3
            for _ in range(count if what in ("wait", "refuse") else 1):
                rig.now += APART
                pass_time(rig, rig.now, beforehand=beforehand)
            rig.broker.room = math.inf
    assert account(rigs[0]) == account(rigs[1])


def test_at_its_instant_a_record_that_is_ready_is_only_handed_over() -> None:
    broker = Broker()
    rig = rig_of(broker, 3)
    rig.sender.send_due(0)
    rig.sender.make_ready(AHEAD)
    sent = 0
    while rig.sender.send_ready(rig.schedule.due(1 + sent), 0):
        sent += 1
    assert (sent, len(broker.values)) == (14, 1 + 14)  # five of each partition are in flight
    assert rig.ledger.partitions[0].next_sequence == 1
    rig.sender.note_reports()
    assert rig.totals.scheduled == 15
    assert [page.next_sequence for page in rig.ledger.partitions] == [5, 5, 5]


def test_as_long_as_acks_come_records_are_ready_until_they_are_accounted_for() -> None:
    broker = Broker()
    rig = rig_of(broker, 3)
    rig.sender.send_due(0)
    rig.sender.make_ready(AHEAD)
    sent = 0
    while rig.sender.send_ready(rig.schedule.due(1 + sent), 0):
        sent += 1
        broker.acknowledge(1)
    assert sent == AHEAD // APART  # and the one after it was handed over, and is the last
    assert rig.ledger.partitions[0].next_sequence == 1
    rig.sender.note_reports()
    assert (rig.totals.scheduled, rig.totals.acked) == (sent + 2, sent)


def test_the_records_of_a_round_are_handed_over_at_its_instant() -> None:
    broker = Broker()
    rig = rig_of(broker, 3, together=5)
    rig.sender.send_due(0)
    broker.acknowledge(5)
    rig.sender.make_ready(AHEAD)
    assert rig.sender.send_ready(5 * APART - 1, 0)
    assert len(broker.values) == 5
    assert rig.sender.send_ready(5 * APART, 0)
    assert len(broker.values) == 10
    assert rig.sender.send_ready(5 * APART, 0)
    assert len(broker.values) == 10


@pytest.mark.parametrize("rate", [501.0, 50_000.0])
def test_where_a_round_takes_several_records_none_is_made_beforehand(rate: float) -> None:
    rig = rig_of(Broker(), 1)
    rig.schedule.rate = rate
    rig.sender.make_ready(AHEAD)
    assert not rig.sender.send_ready(0, 0)


def test_the_next_slots_can_be_taken_before_they_have_come() -> None:
    schedule = Schedule(0, RATE)
    assert schedule.take_next(3) == range(3)
    assert (schedule.next_due, schedule.take(3 * APART)) == (3 * APART, range(3, 4))
