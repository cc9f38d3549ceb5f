"""Lead readers back to a place that exists.

Where a log was cut off, or retention overtook the reader, the offset to be read next is not
there any more. The reader says so and stands still: it is not to skip anything by itself. Once
the leader has told where its log begins and ends, a new reader goes on there. It reads again
what may have been written anew behind the old one; what it cannot find stays suspect, and the
second reader decides at the end.
"""

from __future__ import annotations

from collections.abc import Sequence

from chaos_runner.kafka.common.notices import Notices
from chaos_runner.kafka.consuming.log_bounds import Bounds, reread_from
from chaos_runner.kafka.ledger.ledger import Ledger
from chaos_runner.kafka.producing.exposure_group import Group
from chaos_runner.kafka.stalls.stall import Look, patience
from chaos_runner.measurements.named_records import Truncation

_PATIENCE = 5.0
"""Seconds between two new readers of a group; a leader that is being replaced may tell bounds
that its successor does not have."""


class OffsetOutOfRange:
    """The partitions whose reader has lost its place."""

    def __init__(self, groups: Sequence[Group], ledger: Ledger, notices: Notices) -> None:
        self._groups = groups
        self._ledger = ledger
        self._notices = notices
        self._bounds: dict[int, Bounds | None] = {}
        self._next: dict[Group, float] = dict.fromkeys(groups, 0.0)

    @property
    def partitions(self) -> set[int]:
        """Return the partitions whose bounds have to be asked for."""
        return set(self._bounds)

    def note(self, partition: int) -> None:
        """Note that a reader has lost its place; what was told of it before is worth nothing."""
        self._bounds[partition] = None

    def note_look(self, look: Look) -> None:
        """Note what a leader told of a partition."""
        if look.partition in self._bounds and look.end is not None:
            self._bounds[look.partition] = Bounds(look.low, look.end)

    def lead_back(self, now: float) -> None:
        """Rebuild the readers for which there is a place to go on at."""
        for group in self._groups:
            told = {
                partition: bounds
                for partition, bounds in self._bounds.items()
                if partition in group.senders and bounds is not None
            }
            if told and now >= self._next[group]:
                self._next[group] = now + patience(_PATIENCE, 0.0, group.rebuilt_readers)
                self._rebuild(group, told)

    def _rebuild(self, group: Group, told: dict[int, Bounds]) -> None:
        pages = self._ledger.partitions
        positions = {partition: pages[partition].position for partition in group.senders}
        for partition, bounds in told.items():
            position = positions[partition]
            positions[partition] = reread_from(position, bounds)
            self._note_gap(partition, position, bounds)
            del self._bounds[partition]
            self._notices.tell(
                "warning",
                f"the reader of {group.words} lost its place: the log of partition {partition} "
                f"holds offsets {bounds.low} to {bounds.end}, and {position} was to be read "
                f"next; a new reader goes on at {positions[partition]}",
            )
        group.rebuild_reader(positions)

    def _note_gap(self, partition: int, position: int, bounds: Bounds) -> None:
        if bounds.low > position:
            self._ledger.pass_by(partition, bounds.low - 1)
        if bounds.end < position:
            self._ledger.anomalies.note_truncation(
                Truncation(
                    partition=partition, offset=bounds.end, noticed="log_ended", read_to=position
                )
            )
