"""Make the values of one partition's records, not before they are handed over."""

from __future__ import annotations

from chaos_runner.kafka.ledger.record_header import Identity, Packer
from chaos_runner.kafka.producing.group_producer import GroupProducer


class Packing:
    """The packing of what one session sends to one partition."""

    def __init__(self, group_producer: GroupProducer, partition: int) -> None:
        self._group_producer = group_producer
        self._partition = partition
        self._packers: dict[int, Packer] = {}
        """By phase."""

    def values(self, slots: range, sequence: int) -> list[bytes]:
        """Return the values of the records of some slots, numbered from `sequence` on."""
        schedule = self._group_producer.schedule
        values: list[bytes] = []
        for phase, part in schedule.by_phase(slots):
            packer = self._packers.get(phase) or self._new_packer(phase)
            values += packer.pack(sequence + len(values), schedule.instants(part))
        return values

    def _new_packer(self, phase: int) -> Packer:
        group_producer = self._group_producer
        like = Identity(
            group_producer.run,
            self._partition,
            0,
            0,
            phase,
            group_producer.code,
            group_producer.session,
        )
        packer = self._packers[phase] = Packer(like, group_producer.pad)
        return packer
