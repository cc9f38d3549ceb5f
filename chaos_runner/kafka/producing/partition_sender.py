"""One partition's way into the producer: records wait here while it may not send any more.

An idempotent producer of librdkafka sends no further request of a partition while five of its
records are in flight (`rd_kafka_toppar_producer_serve` compares RD_KAFKA_IDEMP_MAX_INFLIGHT with
records, not with requests). What waits for that in librdkafka's own queue beyond its linger has its
thread poll with a timeout of zero, without end: half a core at a round trip of 300 ms. So it waits
here instead, and is handed over, as much as one request takes, at the moment at which librdkafka
would have sent it: latencies are the same, the CPU that brokers on the same machine need is left to
them. What waits has not been made yet: an outage costs no memory for it.
"""

from __future__ import annotations

import math

from confluent_kafka import KafkaError

from chaos_runner.kafka.producing.backlog import Backlog
from chaos_runner.kafka.producing.delivery_batch import Deliveries
from chaos_runner.kafka.producing.group_producer import GroupProducer
from chaos_runner.kafka.producing.packing import Packing
from chaos_runner.kafka.producing.slot_entries import SlotEntries

_MOST_AHEAD = 25
"""Records of a sender that are made ahead."""
_NONE_REFUSED: tuple[range, list[bytes | KafkaError | None]] = range(0), []


class PartitionSender:
    """One partition's records on their way to the producer, in order, and how each send ended."""

    def __init__(self, partition: int, group_producer: GroupProducer) -> None:
        self.partition = partition
        self.group_producer = group_producer
        self._backlog = Backlog()
        self._entries = SlotEntries(partition, group_producer)
        self._deliveries = Deliveries(group_producer, partition, self._note_ended)
        self._packing = Packing(group_producer, partition)
        self._unacknowledged = 0
        self._of_session = 0
        """Those of them that the present producer has."""
        self._sent_ahead = 0
        """Records that were handed over and are yet to be noted as such."""
        self._refused_ahead = _NONE_REFUSED
        """The slots of the last of those hand-overs, where the client took only a part, and why."""
        self._ends_noted = 0
        """Records of the present producer whose reports are noted."""
        self._lingering = 0
        """Records that librdkafka still holds for company: they go together, in one request."""
        self._linger_ends = 0
        self._proved_session = -1
        """The newest session of which the broker has acknowledged a record."""
        self.acknowledged = 0
        """Records acknowledged so far."""

    @property
    def held(self) -> int:
        """Return how many records wait here."""
        return self._backlog.length

    @property
    def unacknowledged(self) -> int:
        """Return how many records wait for the end of their send."""
        return self._unacknowledged

    @property
    def room(self) -> int:
        """Return how many records may be made before they are due; none where some wait."""
        return 0 if self._backlog.length or self._on_trial else _MOST_AHEAD

    @property
    def _in_flight(self) -> int:
        """Return how many records the present producer has, counting what is not noted yet."""
        unnoted = self._deliveries.ended - self._ends_noted
        return self._of_session + self._sent_ahead - unnoted

    def make(self, slots: range) -> list[bytes]:
        """Return the values of records of the next slots, which nothing may come before."""
        return self._packing.values(slots, self.group_producer.ledger.next_sequence(self.partition))

    @property
    def may_send(self) -> bool:
        """Tell whether the client may send a further request."""
        return self._in_flight < self.group_producer.most_in_flight

    def send_ahead(self, slots: range, messages: list[dict[str, bytes | KafkaError]]) -> bool:
        """Hand over the records of slots that were made; return whether the client took them all.

        No client is asked that may not send any more. `note_sent` has to follow, and has to come
        before anything else is sent where some were refused.
        """
        taken = self._send(messages)
        self._sent_ahead += taken
        if taken < len(messages):
            self._refused_ahead = slots, [each.get("_error") for each in messages]
        return taken == len(messages)

    def _send(self, messages: list[dict[str, bytes | KafkaError]]) -> int:
        group_producer = self.group_producer
        return group_producer.producer.produce_batch(
            group_producer.topic, messages, self.partition, self._deliveries
        )

    def note_sent(self, slots: range) -> None:
        """Note that the records of the next slots were handed over by `send_ahead`."""
        self._entries.come_due(slots)
        refused, errors = self._refused_ahead
        self._note_handed_over(slots[: len(slots) - len(refused)], [])
        self._note_handed_over(refused, errors)
        self._refused_ahead = _NONE_REFUSED
        self._sent_ahead = 0

    def put(self, slots: range) -> None:
        """Take the next slots that are due; reject those for which the sender has no room."""
        self._entries.come_due(slots)
        room = self.group_producer.most_held - self._backlog.length
        if len(slots) <= room:
            self._backlog.put(slots)
        else:
            self._backlog.put(slots[:room])
            self._entries.reject(slots[room:], "the queue of its partition is full")

    def note_due(self) -> None:
        """Enter the slots that have come due into the ledger."""
        self._entries.note_due()

    def hand_over(self, now: int) -> bool:
        """Hand records over as long as the producer may send another request.

        Return whether none is left.
        """
        group_producer = self.group_producer
        self._expire(now)
        if now >= self._linger_ends:
            self._lingering = 0
        most_in_flight, most_at_once = group_producer.most_in_flight, group_producer.most_at_once
        if self._on_trial:
            most_in_flight, most_at_once = 1, 1
        while self._backlog.length and self._of_session - self._lingering < most_in_flight:
            room = most_at_once - self._lingering
            if room <= 0:
                self._lingering = 0  # that request is full, and goes at once
                continue
            if not self._lingering:
                self._linger_ends = now + group_producer.company
            before = self._of_session
            self._produce(self._backlog.take(room))
            taken = self._of_session - before
            if not taken:
                break
            self._lingering = self._lingering + taken if now < self._linger_ends else 0
        return not self._backlog.length

    @property
    def _on_trial(self) -> bool:
        """Tell whether an idempotent session has yet to prove itself by its first ack.

        A broker takes any number from a producer it does not know. Where the first request is
        refused (no leader yet) and the second one taken, the first's retry comes out of order, and
        librdkafka reports it as delivered, without an offset: acknowledged, and in no log (seen on
        a real cluster; issue 4134 of confluentinc/librdkafka). So one record goes ahead.
        """
        group_producer = self.group_producer
        return (
            group_producer.most_in_flight < math.inf
            and self._proved_session != group_producer.session
        )

    def _expire(self, now: int) -> None:
        """Reject what has waited as long as a client would have tried to send it."""
        schedule, too_long_ago = self.group_producer.schedule, now - self.group_producer.patience
        while self._backlog.length and schedule.due(self._backlog.first) < too_long_ago:
            self._entries.reject(
                self._backlog.take(1), "its delivery timeout passed while it waited"
            )

    def give_up(self) -> None:
        """Reject what was never handed over."""
        while self._backlog.length:
            self._entries.note_rejected(self._backlog.take(self._backlog.length))

    def begin_session(self) -> None:
        """Forget what a producer has that was replaced; its ends are still noted."""
        self._of_session = self._lingering = self._ends_noted = 0
        self._deliveries = Deliveries(self.group_producer, self.partition, self._note_ended)
        self._packing = Packing(self.group_producer, self.partition)

    def _note_ended(self, session: int, acked: int, indeterminate: int) -> None:
        """Make room for further records, unless these had gone to an earlier producer."""
        self._unacknowledged -= acked + indeterminate
        self.acknowledged += acked
        if acked:
            self._proved_session = max(self._proved_session, session)
        if session == self.group_producer.session:
            self._of_session -= acked + indeterminate
            self._ends_noted += acked + indeterminate
            self._lingering = min(self._lingering, self._of_session)

    def _produce(self, slots: range) -> None:
        sequence = self.group_producer.ledger.next_sequence(self.partition)
        messages: list[dict[str, bytes | KafkaError]] = [
            {"value": value} for value in self._packing.values(slots, sequence)
        ]
        taken = self._send(messages)
        refused = taken < len(messages)
        self._note_handed_over(slots, [each.get("_error") for each in messages] if refused else [])

    def _note_handed_over(self, slots: range, errors: list[bytes | KafkaError | None]) -> None:
        """Note records that the client was given; `errors` holds why it took some not, if any."""
        taken = len(slots) - sum(error is not None for error in errors)
        self._of_session += taken
        self._unacknowledged += taken
        if errors:
            self._note_refused(slots, errors)
        elif slots:
            self.group_producer.ledger.accepted(self.partition, taken)

    def _note_refused(self, slots: range, errors: list[bytes | KafkaError | None]) -> None:
        """Note that the client took only those records of a hand-over that have no error.

        Behind the last of them no numbers are spent. One that was refused before it has spent its
        own: it counts as indeterminate, though it will not be written.
        """
        self.note_due()
        group_producer, entries = self.group_producer, self._entries
        sequence = group_producer.ledger.next_sequence(self.partition)
        taken = [place for place, error in enumerate(errors) if error is None]
        spent = taken[-1] + 1 if taken else 0
        group_producer.ledger.accepted(self.partition, spent)
        for place, error in enumerate(errors):
            if not isinstance(error, KafkaError):
                continue
            words = KafkaError(error.code()).str()
            if error.code() == KafkaError._FATAL:
                group_producer.fatal = words
            if place >= spent:
                entries.note_rejected(slots[place : place + 1])
            else:
                entries.note_indeterminate(slots[place], sequence + place)
            entries.tell_rejected(words)
