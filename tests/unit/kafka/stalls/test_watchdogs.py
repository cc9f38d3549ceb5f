"""The watchdogs with fake time, fake clients, and a cluster that answers as each test says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import cast

import pytest

from chaos_runner.kafka.client_config.client_settings import client_settings
from chaos_runner.kafka.common.messages import NoticeMessage
from chaos_runner.kafka.common.notices import Notices
from chaos_runner.kafka.ledger.buckets import Buckets, Slot
from chaos_runner.kafka.ledger.ledger import Ledger
from chaos_runner.kafka.producing.exposure_group import Group
from chaos_runner.kafka.producing.group_producer import GroupProducer
from chaos_runner.kafka.stalls.independent_observer import IndependentObserver
from chaos_runner.kafka.stalls.stall import Look
from chaos_runner.kafka.stalls.watchdogs import Watchdogs
from tests.unit.kafka.ledger.records import one

SLOT = Slot(0, "during")


class Line:
    """A sender."""

    def __init__(self) -> None:
        self.held, self.unacknowledged, self.acknowledged = 0, 0, 0


class Spout:
    """A group producer."""

    fatal = ""


class Clients:
    """The clients of a group of two partitions."""

    words = "partitions led by a target"

    def __init__(self) -> None:
        self.group_producer = cast("GroupProducer", Spout())
        self.lines = {0: Line(), 1: Line()}
        self.senders = self.lines
        self.rebuilt_readers = 0
        self.rebuilt_producers = 0
        self.read_from: list[dict[int, int]] = []

    def rebuild_reader(self, positions: Mapping[int, int]) -> None:
        self.rebuilt_readers += 1
        self.read_from.append(dict(positions))

    def rebuild_producer(self) -> None:
        self.rebuilt_producers += 1
        self.group_producer.fatal = ""


class Answers:
    """The observer: every question is answered at once."""

    def __init__(self) -> None:
        self.look = Look(0, leader=2, writable=True, end=100)
        self.asked: list[set[int]] = []
        self._waiting: list[Look] = []

    def ask(self, partitions: Iterable[int]) -> None:
        asked = set(partitions)
        if asked:
            self.asked.append(asked)
        told = self.look
        self._waiting += [replace(told, partition=each) for each in asked]

    def take(self) -> list[Look]:
        taken, self._waiting = self._waiting, []
        return taken


class Rig:
    def __init__(self) -> None:
        self.ledger = Ledger(2, Buckets(start=0.0))
        self.clients = Clients()
        self.answers = Answers()
        self.blind: dict[int, str] = {}
        self.told: list[NoticeMessage] = []
        self.now = 0.0
        self.dogs = Watchdogs(
            [cast("Group", self.clients)],
            self.ledger,
            cast("IndependentObserver", self.answers),
            self.blind,
            Notices(self.told.append, client_settings("one", {}), lambda: self.now),
            socket_timeout=6.0,
        )

    def acked(self, partition: int, offset: int) -> None:
        sequence = self.ledger.next_sequence(partition)
        self.ledger.scheduled(partition, SLOT, instant=0)
        self.ledger.accepted(partition)
        self.ledger.acked(one(sequence, offset, SLOT, partition=partition), 1_000_000)

    def let_pass(self, seconds: int) -> None:
        for _ in range(seconds):
            self.now += 1.0
            self.dogs.look(self.now)


@pytest.fixture
def rig() -> Rig:
    return Rig()


def test_a_stuck_reader_is_rebuilt_where_it_stands(rig: Rig) -> None:
    rig.acked(0, 0)
    rig.acked(1, 0)
    rig.ledger.pass_by(1, 0)
    rig.let_pass(30)
    assert rig.clients.read_from == []
    rig.let_pass(10)
    assert rig.clients.read_from == [{0: 0, 1: 1}]
    assert rig.clients.rebuilt_producers == 0
    assert "has stood still for" in rig.told[0].text
    assert "broker 2 holds records up to 100" in rig.told[0].text


def test_only_what_stands_still_is_asked_about(rig: Rig) -> None:
    rig.acked(0, 0)
    rig.let_pass(14)
    assert rig.answers.asked == []
    rig.let_pass(10)
    assert rig.answers.asked
    assert all(asked == {0} for asked in rig.answers.asked)


@pytest.mark.parametrize(
    "outage",
    [
        Look(0, leader=-1, writable=False, end=None),
        Look(0, leader=2, writable=True, end=None),
        Look(0, leader=2, writable=False, end=0),
    ],
)
def test_an_outage_of_any_length_rebuilds_nothing(rig: Rig, outage: Look) -> None:
    rig.answers.look = outage
    rig.acked(0, 0)
    rig.clients.lines[0].unacknowledged = 5
    rig.clients.lines[0].held = 500
    rig.let_pass(3600)
    assert (rig.clients.rebuilt_readers, rig.clients.rebuilt_producers) == (0, 0)
    assert rig.told == []


def test_rebuilding_that_does_not_help_becomes_rare(rig: Rig) -> None:
    rig.acked(0, 0)
    rig.let_pass(3600)
    assert 3 <= rig.clients.rebuilt_readers <= 8


def test_a_partition_that_cannot_be_read_on_needs_no_new_reader(rig: Rig) -> None:
    rig.acked(0, 0)
    rig.blind[0] = "offset out of range"
    rig.let_pass(300)
    assert rig.clients.rebuilt_readers == 0


def test_a_reader_that_lost_its_place_goes_on_where_the_log_has_one(rig: Rig) -> None:
    for offset in range(5):
        rig.acked(0, offset)
    rig.answers.look = Look(0, leader=2, writable=True, end=9, low=3)
    rig.blind[0] = "offset out of range"
    rig.dogs.note_out_of_range(0)
    rig.let_pass(2)
    assert rig.answers.asked == [{0}]
    assert rig.clients.read_from == [{0: 3, 1: 0}]
    assert rig.ledger.partitions[0].position == 3
    assert rig.ledger.anomalies.truncations == []
    assert "holds offsets 3 to 9, and 0 was to be read next" in rig.told[0].text
    rig.let_pass(60)
    assert rig.clients.rebuilt_readers == 1


def test_a_log_that_was_cut_off_is_read_again_and_the_cut_is_told(rig: Rig) -> None:
    for offset in range(5):
        rig.acked(0, offset)
        rig.ledger.pass_by(0, offset)
    rig.answers.look = Look(0, leader=2, writable=True, end=4, low=1)
    rig.dogs.note_out_of_range(0)
    rig.let_pass(2)
    assert rig.clients.read_from == [{0: 1, 1: 0}]
    assert rig.ledger.partitions[0].position == 5
    assert list(map(str, rig.ledger.anomalies.truncations)) == [
        "0@4: the log ends here; it had been read to 5"
    ]


def test_a_place_is_asked_for_until_a_leader_tells_one(rig: Rig) -> None:
    rig.answers.look = Look(0, leader=-1, writable=False, end=None)
    rig.dogs.note_out_of_range(0)
    rig.let_pass(60)
    assert rig.clients.rebuilt_readers == 0
    rig.answers.look = Look(0, leader=2, writable=True, end=4)
    rig.let_pass(2)
    assert rig.clients.rebuilt_readers == 1


def test_a_place_that_is_lost_again_and_again_is_not_sought_each_second(rig: Rig) -> None:
    for _ in range(60):
        rig.dogs.note_out_of_range(0)
        rig.let_pass(1)
    assert 1 < rig.clients.rebuilt_readers <= 5


def test_a_stuck_producer_is_rebuilt_after_a_minute(rig: Rig) -> None:
    rig.clients.lines[1].unacknowledged = 5
    rig.let_pass(60)
    assert rig.clients.rebuilt_producers == 0
    rig.let_pass(10)
    assert (rig.clients.rebuilt_producers, rig.clients.rebuilt_readers) == (1, 0)
    assert "has had no ack of partition 1" in rig.told[0].text
    assert "its 5 open records there are unknown" in rig.told[0].text


def test_a_producer_that_gets_acks_now_and_then_is_left_alone(rig: Rig) -> None:
    line = rig.clients.lines[1]
    line.unacknowledged = 5
    for _ in range(60):
        rig.let_pass(50)
        line.acknowledged += 1
    assert rig.clients.rebuilt_producers == 0


def test_a_producer_that_ended_is_rebuilt_at_once_but_not_each_second(rig: Rig) -> None:
    for _ in range(20):
        rig.clients.group_producer.fatal = "Broker: Out of order sequence number"
        rig.let_pass(1)
    assert rig.clients.rebuilt_producers == 2
    assert "fatal error and is rebuilt: Broker: Out of order" in rig.told[0].text
