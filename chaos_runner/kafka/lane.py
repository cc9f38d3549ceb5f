"""One partition's way into the producer: records wait here while it may not send any more.

An idempotent producer has at most five requests of a partition unacknowledged; all that comes
meanwhile goes in the next ones. Librdkafka keeps the waiting records in its own queue, and spins
at 100 % CPU as long as they wait there. So they wait here instead, and are handed over, as many
as one request takes, at the same moment librdkafka would have sent them: latencies are the same,
the CPU that brokers on the same machine need is left to them. What waits has not been made yet:
an outage costs no memory for it.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from itertools import groupby

from confluent_kafka import KafkaError, KafkaException, Message

from chaos_runner.kafka.backlog import Backlog
from chaos_runner.kafka.buckets import Slot
from chaos_runner.kafka.cluster import words_of
from chaos_runner.kafka.identity import Identity, pack, stamp_of
from chaos_runner.kafka.outlet import Outlet
from chaos_runner.kafka.partition_ledger import NOWHERE

DeliveryCallback = Callable[[KafkaError | None, Message], None]
"""What librdkafka's client calls when a send has ended."""
NANOSECONDS_PER_MILLISECOND = 1_000_000


class Lane:
    """Hand one partition's records to the producer in order, and note how each send ended."""

    def __init__(self, partition: int, outlet: Outlet) -> None:
        self.partition = partition
        self.outlet = outlet
        self._backlog = Backlog()
        self._requests = 0
        self._unacknowledged = 0
        self._proved_session = -1
        """The newest session of which the broker has acknowledged a record."""
        self.acknowledged = 0
        """Records acknowledged so far."""

    @property
    def held(self) -> int:
        """Return how many records wait here."""
        return len(self._backlog)

    @property
    def unacknowledged(self) -> int:
        """Return how many records wait for the end of their send."""
        return self._unacknowledged

    def put(self, slots: range) -> None:
        """Take slots that are due; reject those for which the lane has no room."""
        outlet = self.outlet
        for slot, part in self._buckets(slots):
            first = outlet.schedule.due(part[0])
            outlet.ledger.scheduled(self.partition, slot, first, len(part))
        room = outlet.most_held - len(self._backlog)
        self._backlog.put(slots[:room])
        if len(slots) > room:
            self._reject(slots[room:], "the queue of its partition is full")

    def hand_over(self, now: int) -> None:
        """Hand records over as long as the producer may send another request."""
        outlet = self.outlet
        self._expire(now)
        on_trial = self._on_trial
        requests, records = (1, 1) if on_trial else (outlet.most_requests, outlet.most_at_once)
        while self._backlog and self._requests < requests:
            self._produce(self._backlog.take(records), now)

    @property
    def _on_trial(self) -> bool:
        """Tell whether an idempotent session has yet to prove itself by its first ack.

        A broker takes any number from a producer it does not know. Where the first request is
        refused (no leader yet) and the second one taken, the first's retry comes out of order, and
        librdkafka reports it as delivered, without an offset: acknowledged, and in no log (seen on
        a real cluster; issue 4134 of confluentinc/librdkafka). So one record goes ahead.
        """
        outlet = self.outlet
        return outlet.most_requests < math.inf and self._proved_session != outlet.session

    def _expire(self, now: int) -> None:
        """Reject what has waited as long as a client would have tried to send it."""
        schedule, too_long_ago = self.outlet.schedule, now - self.outlet.patience
        while self._backlog and schedule.due(self._backlog.first) < too_long_ago:
            self._reject(self._backlog.take(1), "its delivery timeout passed while it waited")

    def give_up(self) -> None:
        """Reject what was never handed over."""
        while self._backlog:
            self._note_rejected(self._backlog.take(len(self._backlog)))

    def begin_session(self) -> None:
        """Forget the requests of a producer that was replaced; their ends are still noted."""
        self._requests = 0

    def note_end(
        self, request: _Request, error: KafkaError | None, message: Message, milliseconds: float
    ) -> None:
        """Note the ack of a send, or that its fate is unknown."""
        outlet, ledger = self.outlet, self.outlet.ledger
        self._unacknowledged -= 1
        phase, sequence, instant = stamp_of(message.value() or b"")
        slot = outlet.slot_of(instant, phase)
        if error is not None:
            ledger.unknown(self.partition, sequence, slot, instant, time.monotonic_ns())
            outlet.notices.tell(
                "warning",
                f"records may or may not be written: {error.str()}",
                f"unknown {error.name()}",
            )
            return
        self.acknowledged += 1
        self._proved_session = max(self._proved_session, request.session)
        # acks=0 brings no offset; the record is then found by its number alone.
        offset = message.offset()
        latency = (request.now - instant) / NANOSECONDS_PER_MILLISECOND + milliseconds
        place = NOWHERE if offset is None else offset
        ledger.acked(self.partition, sequence, slot, place, instant, latency)

    def end_request(self, session: int) -> None:
        """Make room for another request, unless this one went to an earlier producer."""
        if session == self.outlet.session:
            self._requests -= 1

    def _produce(self, slots: range, now: int) -> None:
        outlet, partition = self.outlet, self.partition
        produce, topic, pad = outlet.producer.produce, outlet.topic, outlet.pad
        run, code, session = outlet.run, outlet.code, outlet.session
        due, phase_of = outlet.schedule.due, outlet.schedule.phase_of
        request = _Request(self, now, session)
        sequence = outlet.ledger.next_sequence(partition)
        for number in slots:
            identity = Identity(
                run, partition, sequence, due(number), phase_of(number), code, session
            )
            try:
                produce(topic, pack(identity, pad), None, partition, request)
            except (BufferError, KafkaException) as error:
                self._refused(number, error)
            else:
                sequence += 1
                request.open += 1
        outlet.ledger.accepted(partition, request.open)
        self._unacknowledged += request.open
        if request.open:
            self._requests += 1

    def _refused(self, number: int, error: BufferError | KafkaException) -> None:
        words = words_of(error)
        if isinstance(error, KafkaException) and error.args[0].code() == KafkaError._FATAL:
            self.outlet.fatal = words
        self._reject(range(number, number + 1), words)

    def _buckets(self, slots: range) -> Iterator[tuple[Slot, range]]:
        """Yield the buckets in which slots lie, each with those that do."""
        ends = {self._bucket(slots[0]), self._bucket(slots[-1])} if slots else set[Slot]()
        if len(ends) == 1:
            yield ends.pop(), slots
            return
        for slot, numbers in groupby(slots, self._bucket):
            count = sum(1 for _ in numbers)
            yield slot, slots[:count]
            slots = slots[count:]

    def _bucket(self, number: int) -> Slot:
        schedule = self.outlet.schedule
        return self.outlet.slot_of(schedule.due(number), schedule.phase_of(number))

    def _reject(self, slots: range, words: str) -> None:
        self._note_rejected(slots)
        self.outlet.notices.tell(
            "warning", f"the producer takes no more records: {words}", "rejected"
        )

    def _note_rejected(self, slots: range) -> None:
        now = time.monotonic_ns()
        for slot, part in self._buckets(slots):
            last = self.outlet.schedule.due(part[-1])
            self.outlet.ledger.rejected(self.partition, slot, last, now, len(part))


class _Request:
    """Be the delivery callback of the records of one hand-over; open until all have ended.

    `now` is the instant at which they were handed over, in nanoseconds.
    """

    __slots__ = ("_lane", "now", "open", "session")

    def __init__(self, lane: Lane, now: int, session: int) -> None:
        self._lane = lane
        self.session = session
        self.now = now
        self.open = 0

    def __call__(self, error: KafkaError | None, message: Message) -> None:
        """Pass the end on; librdkafka's latency counts from the hand-over."""
        self._lane.note_end(self, error, message, 1000 * (message.latency() or 0.0))
        self.open -= 1
        if not self.open:
            self._lane.end_request(self.session)
