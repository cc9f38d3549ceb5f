"""Records that are made before they are due, so that at its instant each is only handed over.

A probe of a hundred records a second wakes for each of them, on a machine whose other programs
have the processor's caches meanwhile: what is done then costs several times as much as what is
done for many records at once. So few lines run at a record's instant; it is accounted for later.
"""

from __future__ import annotations

from collections.abc import Sequence

from confluent_kafka import KafkaError

from chaos_runner.kafka.producing.lateness import Lateness
from chaos_runner.kafka.producing.partition_sender import PartitionSender
from chaos_runner.measurements.schedule import Schedule

_MOST = 64
"""Records that are made at once."""
_HIGHEST_RATE = 500
"""Above that a round takes several records anyway."""

_Messages = list[dict[str, bytes | KafkaError]]


class ReadyRecords:
    """The next records of a schedule, made and not yet due, or sent and not yet accounted for.

    `senders` holds one a partition, in order.
    """

    def __init__(self, senders: Sequence[PartitionSender], schedule: Schedule) -> None:
        self._senders = senders
        self._schedule = schedule
        self._ready: list[tuple[int, PartitionSender, _Messages]] = []
        """The last is due first, and with each when."""
        self._end = 0
        """When the one after all of these is due."""
        self._late: list[int] = []
        """Of those that were sent, by how many nanoseconds they were late."""

    @property
    def next_due(self) -> int:
        """Return when the next one is due; raises IndexError where none is left."""
        return self._ready[-1][0]

    def make(self, until: int) -> None:
        """Make the next records, up to the first that is due after this instant."""
        if self._schedule.rate > _HIGHEST_RATE:
            return
        slots, step = self._slots(until), len(self._senders)
        made: list[tuple[int, PartitionSender, _Messages]] = []
        for offset in range(min(step, len(slots))):
            own = slots[offset::step]
            sender = self._senders[own[0] % step]
            values = zip(self._schedule.instants(own), sender.make(own), strict=True)
            for due, value in values:
                made.append((due, sender, [{"value": value}]))
        made.sort(key=lambda each: each[0], reverse=True)
        self._ready = made
        self._end = self._schedule.due(slots.stop)

    def send(self, now: int) -> bool:
        """Hand over the one that is due, if one is; return whether others are left for later.

        False also where several have piled up, or one may not be sent: they go the long way.
        """
        ready = self._ready
        if not ready or (ready[-2][0] if len(ready) > 1 else self._end) <= now:
            return False
        due, sender, messages = ready[-1]
        if due > now:
            return True
        if not sender.send_ahead(messages):
            return False
        ready.pop()
        self._late.append(now - due)
        return bool(ready)

    def settle(self, lateness: Lateness) -> None:
        """Account for those that were sent, and forget the others."""
        self._ready = []
        late, self._late = self._late, []
        if not late:
            return
        slots, step = self._schedule.take_next(len(late)), len(self._senders)
        for offset in range(min(step, len(slots))):
            own = slots[offset::step]
            self._senders[own[0] % step].note_sent(own)
        for each in late:
            lateness.add(each)

    def _slots(self, until: int) -> range:
        """Return the next slots, up to the first whose sender takes none that are made before."""
        room = [sender.room for sender in self._senders]
        first, step = self._schedule.next_slot, len(room)
        end = min(first + _MOST, self._schedule.due_by(until) + 1)
        for slot in range(first, end):
            room[slot % step] -= 1
            if room[slot % step] < 0:
                return range(first, slot)
        return range(first, end)
