"""The clients of one exposure group: a producer with its senders, and a reader."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from chaos_runner.kafka.consuming.consumer import Reader
from chaos_runner.kafka.producing.group_producer import GroupProducer
from chaos_runner.kafka.producing.partition_sender import PartitionSender


class Group:
    """What works for some partitions, so that no other group's trouble reaches them.

    `starts` maps its partitions to the offsets where their records will begin; `read_from` makes
    a reader that starts at the given offsets.
    """

    def __init__(
        self,
        group_producer: GroupProducer,
        starts: Mapping[int, int],
        read_from: Callable[[Mapping[int, int]], Reader],
    ) -> None:
        self.group_producer = group_producer
        self.senders = {
            partition: PartitionSender(partition, group_producer) for partition in starts
        }
        self._read_from = read_from
        self.reader = read_from(starts)
        self.rebuilt_readers = 0
        self.rebuilt_producers = 0

    @property
    def words(self) -> str:
        """Return what to call the group's partitions."""
        return self.group_producer.group.partitions

    def rebuild_reader(self, positions: Mapping[int, int]) -> None:
        """Read on from these offsets with a new client; the old one ends in its own time."""
        self.reader.stop()
        self.reader = self._read_from(positions)
        self.reader.start()
        self.rebuilt_readers += 1

    def rebuild_producer(self) -> None:
        """Send on with a new client; what the old one had open is unknown."""
        self.group_producer.renew()
        for sender in self.senders.values():
            sender.begin_session()
        self.rebuilt_producers += 1
