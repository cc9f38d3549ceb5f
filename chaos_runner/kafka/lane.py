"""One partition's way into the producer: records wait here while it may not send any more.

An idempotent producer has at most five records of a partition unacknowledged; all that come
meanwhile go in the next request. Librdkafka keeps the waiting ones in its own queue, and spins
at 100 % CPU as long as they wait there. So they wait here instead, and are handed over all at
once at the same moment librdkafka would have sent them: latencies are the same, the CPU that
brokers on the same machine need is left to them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from chaos_runner.kafka.buckets import Slot
from chaos_runner.kafka.cluster import words_of
from chaos_runner.kafka.identity import Identity, pack
from chaos_runner.kafka.ledger import Ledger
from chaos_runner.kafka.notices import Notices

DeliveryCallback = Callable[[KafkaError | None, Message], None]
"""What librdkafka's client calls when a send has ended."""

MOST_UNACKNOWLEDGED = 5
"""RD_KAFKA_IDEMP_MAX_INFLIGHT in librdkafka; the brokers remember as many for each producer."""
NANOSECONDS_PER_MILLISECOND = 1_000_000


@dataclass(frozen=True, slots=True)
class Due:
    """Hold a record whose instant (`time.monotonic_ns()`) has come."""

    instant: int
    slot: Slot
    phase: int


@dataclass(frozen=True)
class Outlet:
    """Hold what all lanes of a probe share."""

    producer: Producer
    topic: str
    run: int
    pad: bytes
    ledger: Ledger
    notices: Notices
    most_unacknowledged: float
    most_held: int
    """Records that may wait in one lane; as many as librdkafka would queue."""


class Lane:
    """Hand one partition's records to the producer in order, and note how each send ended."""

    def __init__(self, partition: int, outlet: Outlet) -> None:
        self._partition = partition
        self._outlet = outlet
        self._held: deque[Due] = deque()
        self._unacknowledged = 0

    @property
    def open_records(self) -> int:
        """Return how many records wait here or for the end of their send."""
        return len(self._held) + self._unacknowledged

    def put(self, due: Due) -> None:
        """Take a record that is due, or reject it where the lane is full."""
        self._outlet.ledger.scheduled(due.slot)
        if len(self._held) >= self._outlet.most_held:
            self._reject(due, "the queue of its partition is full")
        else:
            self._held.append(due)

    def hand_over(self, now: int) -> None:
        """Hand everything over if the producer may send another request."""
        if self._unacknowledged < self._outlet.most_unacknowledged:
            while self._held:
                self._produce(self._held.popleft(), now)

    def give_up(self) -> None:
        """Reject what was never handed over."""
        while self._held:
            self._outlet.ledger.rejected(self._held.popleft().slot)

    def note_end(
        self, sent: _Sent, error: KafkaError | None, offset: int | None, milliseconds: float
    ) -> None:
        """Note the ack of a send, or that its fate is unknown."""
        self._unacknowledged -= 1
        ledger = self._outlet.ledger
        if error is None:
            # acks=0 brings no offset; the record is then found by its number alone.
            place = -1 if offset is None else offset
            ledger.acked(self._partition, sent.sequence, sent.slot, place, milliseconds)
            return
        ledger.unknown(self._partition, sent.sequence, sent.slot)
        self._outlet.notices.tell(
            "warning",
            f"records may or may not be written: {error.str()}",
            f"unknown {error.name()}",
        )

    def _produce(self, due: Due, now: int) -> None:
        outlet = self._outlet
        sequence = outlet.ledger.next_sequence(self._partition)
        identity = Identity(outlet.run, self._partition, sequence, due.instant, due.phase)
        value = pack(identity, outlet.pad)
        late = (now - due.instant) / NANOSECONDS_PER_MILLISECOND
        sent = _Sent(self, sequence, due.slot, late)
        try:
            outlet.producer.produce(outlet.topic, value, None, self._partition, sent)
        except (BufferError, KafkaException) as error:
            self._reject(due, words_of(error))
        else:
            self._unacknowledged += 1
            outlet.ledger.accepted(self._partition)

    def _reject(self, due: Due, words: str) -> None:
        self._outlet.ledger.rejected(due.slot)
        self._outlet.notices.tell(
            "warning", f"the producer takes no more records: {words}", "rejected"
        )


class _Sent:
    """Be the delivery callback of one record; cheaper than a closure, and readable."""

    __slots__ = ("_lane", "_late", "sequence", "slot")

    def __init__(self, lane: Lane, sequence: int, slot: Slot, late: float) -> None:
        self._lane = lane
        self._late = late
        self.sequence = sequence
        self.slot = slot

    def __call__(self, error: KafkaError | None, message: Message) -> None:
        """Pass the end on; its latency counts from the scheduled instant."""
        latency = self._late + 1000 * (message.latency() or 0.0)
        self._lane.note_end(self, error, message.offset(), latency)
