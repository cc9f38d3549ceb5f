"""Send records on schedule, each partition in turn, each group through a producer of its own."""

from __future__ import annotations

import time
from collections.abc import Sequence
from threading import Event

from confluent_kafka import KafkaException, Producer

from chaos_runner.kafka.client_config.client_settings import ClientSettings
from chaos_runner.kafka.cluster.connection import bad_property
from chaos_runner.kafka.common.notices import Notices, silent_logger
from chaos_runner.kafka.producing.lateness import LATE_NANOSECONDS, Lateness
from chaos_runner.kafka.producing.partition_sender import PartitionSender
from chaos_runner.kafka.producing.ready_records import ReadyRecords
from chaos_runner.measurements.schedule import NANOSECONDS, Schedule, dealt

_SHORTEST_WAIT = 0.001
"""Seconds; where slots come faster, each round takes several."""
_SHORTEST_PACE, _LONGEST_PACE = 0.002, 0.005
"""Seconds between two rounds at high rates: each costs as much as a dozen records, and wakes
librdkafka's threads. A client that lingers for company anyway has its records together."""


def producer_client(settings: ClientSettings, notices: Notices, name: str = "producer") -> Producer:
    """Return a producer; raises UsageError with librdkafka's words for a bad property."""
    properties: dict[str, object] = {**settings.common, **settings.producer}
    properties["client.id"] = f"{settings.common['client.id']}-{name}"
    properties["error_cb"] = notices.on_client_error(name)
    try:
        return Producer(properties, logger=silent_logger())
    except KafkaException as error:
        raise bad_property(error, settings) from error


class Sender:
    """The open loop: one record to each partition in turn, at a fixed rate.

    `senders` holds one a partition, in order.
    """

    def __init__(self, senders: Sequence[PartitionSender], schedule: Schedule) -> None:
        self._senders = senders
        self._group_producers = list(
            {id(sender.group_producer): sender.group_producer for sender in senders}.values()
        )
        self._pace = min(
            max(
                _SHORTEST_PACE, *(group_producer.linger for group_producer in self._group_producers)
            ),
            _LONGEST_PACE,
        )
        self._schedule = schedule
        self._lateness = Lateness()
        self._stopped = False
        self._hurried = False
        self._holding: dict[int, PartitionSender] = {}
        """The senders that may have something to hand over."""
        self._ready = ReadyRecords(senders, schedule)
        self._woken = Event()
        for group_producer in self._group_producers:
            group_producer.on_reports = self._wake

    @property
    def open_records(self) -> int:
        """Return the number of records whose send has not come to an end."""
        return sum(sender.held + sender.unacknowledged for sender in self._senders)

    def enter_phase(self, phase: str, now: int) -> None:
        """Send what is due in the old phase, then stamp the new one."""
        self.send_due(now)
        self._schedule.begin_phase(phase)

    def stop(self) -> None:
        """End the schedule."""
        self._ready.settle(self._lateness)
        self._stopped = True

    def send_due(self, now: int) -> None:
        """Send a record for every slot that has come, however many have piled up."""
        self._ready.settle(self._lateness)
        due = self._schedule.next_due
        if now >= due and not self._stopped:
            slots = self._schedule.take(now)
            self._note_lateness(slots, now, now - due)
            self._deal(slots)
        self._hand_over(now)
        if self._holding and any(
            group_producer.has_reports for group_producer in self._group_producers
        ):
            self.note_reports()
            self._hand_over(now)

    def make_ready(self, until: int) -> None:
        """Make the records beforehand that come due up to an instant, where nothing hinders it."""
        if self._stopped or self._holding:
            return
        if any(group_producer.has_reports for group_producer in self._group_producers):
            self.note_reports()  # they make room
        self._ready.make(until)

    def send_ready(self, now: int, until: int) -> bool:
        """Send what was made beforehand and is due, and sleep until the next of it is, or `until`.

        Return False where none of it is left: then all has to be looked after.
        """
        if not self._ready.send(now):
            return False
        left = min(self._ready.next_due, until) - time.monotonic_ns()
        if left > 0:
            time.sleep(left / NANOSECONDS)
        return True

    def note_reports(self) -> None:
        """Note what has come due, and the delivery reports that have come."""
        self._ready.settle(self._lateness)
        for sender in self._senders:
            sender.note_due()
        for group_producer in self._group_producers:
            group_producer.note_reports()

    def wait(self, longest: float) -> None:
        """Let about `longest` seconds pass, at the least as many as a round is apart at high rates.

        Reports are served and stamped meanwhile, by threads of their own. They end the wait only
        where records of the same partition wait for them to be sent; all others are noted in the
        next round.
        """
        if longest < _SHORTEST_WAIT:
            time.sleep(self._pace)
            return
        if not self._holding:
            time.sleep(longest)  # an event costs several times as much
            return
        self._hurried = True
        if not any(group_producer.has_reports for group_producer in self._group_producers):
            self._woken.wait(longest)
        self._hurried = False
        self._woken.clear()

    def _wake(self, partitions: set[int]) -> None:
        if self._hurried and not partitions.isdisjoint(self._holding):
            self._woken.set()

    def give_up(self) -> None:
        """Reject what was never handed over; the fate of what was is unknown."""
        self._ready.settle(self._lateness)
        for sender in self._senders:
            sender.note_due()
            sender.give_up()
        for group_producer in self._group_producers:
            group_producer.give_up()

    def take_lateness(self) -> Lateness:
        """Return by how much sends came late since last asked."""
        lateness, self._lateness = self._lateness, Lateness()
        return lateness

    def _hand_over(self, now: int) -> None:
        for number, sender in list(self._holding.items()):
            if sender.hand_over(now):
                del self._holding[number]

    def _note_lateness(self, slots: range, now: int, oldest: int) -> None:
        lateness = self._lateness
        lateness.sends += len(slots)
        if oldest > lateness.most:
            lateness.most = oldest
        if oldest > LATE_NANOSECONDS:
            lateness.late += len(range(slots.start, self._schedule.due_by(now - LATE_NANOSECONDS)))

    def _deal(self, slots: range) -> None:
        """Give each sender its slots: every so many-th, beginning with its own number."""
        for number, own in dealt(slots, len(self._senders)):
            self._senders[number].put(own)
            self._holding[number] = self._senders[number]
