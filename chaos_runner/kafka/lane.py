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
from collections.abc import Iterator
from itertools import groupby

from confluent_kafka import KafkaError

from chaos_runner.kafka.backlog import Backlog
from chaos_runner.kafka.buckets import Slot
from chaos_runner.kafka.identity import Identity, pack_series
from chaos_runner.kafka.outlet import Outlet
from chaos_runner.kafka.request import Request


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
            self._produce(self._backlog.take(records))

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

    def _note_ended(self, request: Request, acked: int, unknown: int) -> None:
        """Make room for another request once all of this one has ended.

        Unless it went to an earlier producer.
        """
        self._unacknowledged -= acked + unknown
        self.acknowledged += acked
        if acked:
            self._proved_session = max(self._proved_session, request.session)
        if not request.open and request.session == self.outlet.session:
            self._requests -= 1

    def _produce(self, slots: range) -> None:
        outlet, partition = self.outlet, self.partition
        sequence = outlet.ledger.next_sequence(partition)
        messages: list[dict[str, bytes | KafkaError]] = [
            {"value": value} for value in self._values(slots, sequence)
        ]
        request = Request(outlet, partition, self._note_ended)
        taken = outlet.producer.produce_batch(outlet.topic, messages, partition, request)
        if taken:
            request.open = taken
            self._requests += 1
            self._unacknowledged += taken
        if taken == len(messages):
            outlet.ledger.accepted(partition, taken)
        else:
            self._note_refused(slots, sequence, [each.get("_error") for each in messages])

    def _values(self, slots: range, sequence: int) -> Iterator[bytes]:
        """Yield the values of the records of some slots, numbered from `sequence` on."""
        outlet, schedule = self.outlet, self.outlet.schedule
        for phase, part in schedule.by_phase(slots):
            first = Identity(
                outlet.run, self.partition, sequence, 0, phase, outlet.code, outlet.session
            )
            yield from pack_series(first, schedule.instants(part), outlet.pad)
            sequence += len(part)

    def _note_refused(
        self, slots: range, sequence: int, errors: list[bytes | KafkaError | None]
    ) -> None:
        """Note that the client took only those records of a hand-over that have no error.

        Behind the last of them no numbers are spent. One that was refused before it has spent its
        own: it counts as unknown, though it will not be written.
        """
        outlet = self.outlet
        taken = [place for place, error in enumerate(errors) if error is None]
        spent = taken[-1] + 1 if taken else 0
        outlet.ledger.accepted(self.partition, spent)
        for place, error in enumerate(errors):
            if not isinstance(error, KafkaError):
                continue
            words = KafkaError(error.code()).str()
            if error.code() == KafkaError._FATAL:
                outlet.fatal = words
            if place >= spent:
                self._note_rejected(slots[place : place + 1])
            else:
                bucket, instant = self._bucket(slots[place]), outlet.schedule.due(slots[place])
                numbered = self.partition, sequence + place
                outlet.ledger.unknown(*numbered, bucket, instant, outlet.clock())
            self._tell_rejected(words)

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
        self._tell_rejected(words)

    def _tell_rejected(self, words: str) -> None:
        self.outlet.notices.tell(
            "warning", f"the producer takes no more records: {words}", "rejected"
        )

    def _note_rejected(self, slots: range) -> None:
        now = self.outlet.clock()
        for slot, part in self._buckets(slots):
            last = self.outlet.schedule.due(part[-1])
            self.outlet.ledger.rejected(self.partition, slot, last, now, len(part))
