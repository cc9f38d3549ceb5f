"""Records that are made before they are due, so that at its instant each is only handed over.

A probe of a hundred records a second wakes for each round of them, on a machine whose other
programs have the processor's caches meanwhile: what is done then costs several times as much as
what is done for many rounds at once. So few lines run at its instant; it is accounted for later.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from confluent_kafka import KafkaError

from chaos_runner.kafka.producing.lateness import Lateness
from chaos_runner.kafka.producing.partition_sender import PartitionSender
from chaos_runner.measurements.schedule import Schedule, dealt

_MOST = 64
"""Records that are made at once, but for what is left of a round."""
_HIGHEST_RATE = 500
"""Above that the loop takes several rounds at once anyway."""


class _Batch(NamedTuple):
    """Records of one partition that are due together."""

    due: int
    slots: range
    sender: PartitionSender
    messages: list[dict[str, bytes | KafkaError]]


_Round = list[_Batch]


class ReadyRecords:
    """The next records of a schedule, made and not yet due, or sent and not yet accounted for.

    `senders` holds one a partition, in order.
    """

    def __init__(self, senders: Sequence[PartitionSender], schedule: Schedule) -> None:
        self._senders = senders
        self._schedule = schedule
        self._ready: list[_Round] = []
        """The last is due first."""
        self._end = 0
        """When the round after all of these is due."""
        self._late: list[int] = []
        """Of those that were sent, by how many nanoseconds they were late."""

    @property
    def next_due(self) -> int:
        """Return when the next round is due; raises IndexError where none is left."""
        return self._ready[-1][0].due

    def make(self, until: int) -> None:
        """Make the next rounds, up to the first that is due after this instant."""
        schedule = self._schedule
        if schedule.rate > _HIGHEST_RATE:
            return
        slots = self._slots(until)
        values = {sender: iter(sender.make(own)) for sender, own in self._dealt(slots)}
        rounds = [
            [
                _Batch(
                    due,
                    own,
                    sender,
                    [{"value": value} for value in islice(values[sender], len(own))],
                )
                for sender, own in self._dealt(together)
            ]
            for due, together in schedule.by_round(slots)
        ]
        self._ready = rounds[::-1]
        self._end = schedule.due(slots.stop)

    def send(self, now: int) -> bool:
        """Hand over the round that is due, if one is; return whether others are left for later.

        False also where several have piled up, or one may not be sent: they go the long way.
        """
        ready = self._ready
        if not ready or (ready[-2][0].due if len(ready) > 1 else self._end) <= now:
            return False
        due = ready[-1][0].due
        if due > now:
            return True
        if not all(batch.sender.may_send for batch in ready[-1]):
            return False
        taken = True
        for batch in ready.pop():
            taken &= batch.sender.send_ahead(batch.slots, batch.messages)
            self._late += [now - due] * len(batch.slots)
        return taken and bool(ready)

    def settle(self, lateness: Lateness) -> None:
        """Account for those that were sent, and forget the others."""
        self._ready = []
        late, self._late = self._late, []
        if not late:
            return
        for sender, own in self._dealt(self._schedule.take_next(len(late))):
            sender.note_sent(own)
        for each in late:
            lateness.add(each)

    def _dealt(self, slots: range) -> Iterator[tuple[PartitionSender, range]]:
        """Yield each sender that has some of the slots, in their order, with its own."""
        for number, own in dealt(slots, len(self._senders)):
            yield self._senders[number], own

    def _slots(self, until: int) -> range:
        """Return the slots of the next rounds whose senders all take some that are made before."""
        schedule, room = self._schedule, [sender.room for sender in self._senders]
        first, step = schedule.next_slot, len(room)
        end = min(first + _MOST, schedule.round_end(schedule.due_by(until)))
        for slot in range(first, end):
            room[slot % step] -= 1
            if room[slot % step] < 0:
                end = slot
                break
        return range(first, max(first, schedule.round_start(end)))
