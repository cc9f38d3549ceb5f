"""Rebuild the clients that are stuck, and say so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from chaos_runner.kafka.common.notices import Notices
from chaos_runner.kafka.ledger.ledger import Ledger
from chaos_runner.kafka.producing.exposure_group import Group
from chaos_runner.kafka.stalls.independent_observer import IndependentObserver
from chaos_runner.kafka.stalls.offset_out_of_range import OffsetOutOfRange
from chaos_runner.kafka.stalls.stall import (
    FATAL_PATIENCE,
    PRODUCER_PATIENCE,
    READER_PATIENCE,
    Stall,
    patience,
    producer_is_stuck,
    reader_is_stuck,
)

_ASK_EVERY = 5.0
_SUSPICIOUS = 0.5
"""Share of the patience after which another client is asked."""


class Watchdogs:
    """The watch over the clients of all groups; `look` is called about once a second.

    `blind` holds the partitions that cannot be read on: only a reader that has lost its place
    there is helped by a new one.
    """

    def __init__(
        self,
        groups: Sequence[Group],
        ledger: Ledger,
        observer: IndependentObserver,
        blind: Mapping[int, str],
        notices: Notices,
        socket_timeout: float,
    ) -> None:
        self._groups = groups
        self._ledger = ledger
        self._observer = observer
        self._blind = blind
        self._notices = notices
        self._socket_timeout = socket_timeout
        self._readers = [Stall() for _ in ledger.partitions]
        self._producers = [Stall() for _ in ledger.partitions]
        self._out_of_range = OffsetOutOfRange(groups, ledger, notices)
        self._next_question = 0.0
        self._next_fatal = dict.fromkeys(groups, 0.0)

    def note_out_of_range(self, partition: int) -> None:
        """Note that the place of a partition's reader is not in the log any more."""
        self._out_of_range.note(partition)

    def look(self, now: float) -> None:
        """Take notes, ask where something stands still, and rebuild what is proved stuck."""
        self._note(now)
        for look in self._observer.take():
            self._readers[look.partition].note_look(look)
            self._producers[look.partition].note_look(look)
            self._out_of_range.note_look(look)
        self._out_of_range.lead_back(now)
        if now >= self._next_question:
            self._next_question = now + _ASK_EVERY
            self._observer.ask(self._suspicious(now))
        self._observer.ask(self._out_of_range.partitions)
        for group in self._groups:
            self._judge_reader(group, now)
            self._judge_producer(group, now)
            self._judge_fatal(group, now)

    def _note(self, now: float) -> None:
        for group in self._groups:
            for partition, sender in group.senders.items():
                ledger = self._ledger.partitions[partition]
                behind = ledger.acked_end > ledger.position and partition not in self._blind
                self._readers[partition].note(ledger.position, behind, now)
                at_work = sender.held + sender.unacknowledged > 0
                self._producers[partition].note(sender.acknowledged, at_work, now)

    def _reader_patience(self, group: Group) -> float:
        return patience(READER_PATIENCE, self._socket_timeout, group.rebuilt_readers)

    def _producer_patience(self, group: Group) -> float:
        return patience(PRODUCER_PATIENCE, self._socket_timeout, group.rebuilt_producers)

    def _suspicious(self, now: float) -> set[int]:
        return {
            partition
            for group in self._groups
            for partition in group.senders
            if self._readers[partition].seconds(now) > _SUSPICIOUS * self._reader_patience(group)
            or self._producers[partition].seconds(now)
            > _SUSPICIOUS * self._producer_patience(group)
        }

    def _judge_reader(self, group: Group, now: float) -> None:
        limit = self._reader_patience(group)
        for partition in group.senders:
            still, position = self._readers[partition], self._ledger.partitions[partition].position
            if still.seconds(now) < limit or not reader_is_stuck(still.looks, position):
                continue
            self._notices.tell(
                "warning",
                f"the reader of {group.words} has stood still for {still.seconds(now):.0f} s at "
                f"offset {position} of partition {partition}, where broker "
                f"{still.looks[-1].leader} holds records up to {still.looks[-1].end}: a fault of "
                "the client; it is rebuilt and reads on from there",
            )
            group.rebuild_reader(
                {each: self._ledger.partitions[each].position for each in group.senders}
            )
            self._restart(self._readers, group)
            return

    def _judge_producer(self, group: Group, now: float) -> None:
        limit = self._producer_patience(group)
        for partition, sender in group.senders.items():
            still = self._producers[partition]
            if still.seconds(now) < limit or not producer_is_stuck(still.looks):
                continue
            self._notices.tell(
                "warning",
                f"the producer of {group.words} has had no ack of partition {partition} for "
                f"{still.seconds(now):.0f} s, though broker {still.looks[-1].leader} leads it "
                f"and answers: a fault of the client; it is rebuilt, and its "
                f"{sender.unacknowledged} open records there are unknown",
            )
            group.rebuild_producer()
            self._restart(self._producers, group)
            return

    def _judge_fatal(self, group: Group, now: float) -> None:
        if group.group_producer.fatal and now >= self._next_fatal[group]:
            self._next_fatal[group] = now + patience(FATAL_PATIENCE, 0.0, group.rebuilt_producers)
            self._notices.tell(
                "warning",
                f"the producer of {group.words} has ended by a fatal error and is rebuilt: "
                f"{group.group_producer.fatal}",
            )
            group.rebuild_producer()
            self._restart(self._producers, group)

    def _restart(self, stalls: Sequence[Stall], group: Group) -> None:
        for partition in group.senders:
            stalls[partition].restart()
