"""Read a probe's topic from its first record to its last, and compare it with the account.

The reader here is a plain consumer that knows nothing of the run: it says what the log holds,
which no account can talk away.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from confluent_kafka import Consumer, TopicPartition

from chaos_runner.kafka.common.messages import Finished
from chaos_runner.kafka.ledger.record_header import Identity, run_number, unpack

_LIMIT = 120.0


class Record(NamedTuple):
    """A record of the probe, named as the ledger does."""

    partition: int
    sequence: int


class WholeLog:
    """What stood in the topic: of each partition the records in the order of the log."""

    def __init__(self, records: list[Record]) -> None:
        self.records = records

    @property
    def present(self) -> set[Record]:
        return set(self.records)

    @property
    def repeated(self) -> list[Record]:
        """Return the records that stand there again, once for each further time."""
        return list((Counter(self.records) - Counter(self.present)).elements())

    @property
    def missing(self) -> set[Record]:
        """Return the records with a number below one that is there, that are not."""
        newest: dict[int, int] = {}
        for partition, sequence in self.records:
            newest[partition] = max(sequence, newest.get(partition, 0))
        sent = {
            Record(partition, sequence)
            for partition, last in newest.items()
            for sequence in range(last)
        }
        return sent - self.present


def read_whole_log(servers: str, topic: str, run: str, partitions: Iterable[int]) -> WholeLog:
    """Read every partition from its beginning to where it ends now."""
    consumer = Consumer(
        {
            "bootstrap.servers": servers,
            "group.id": "whole-log",
            "enable.auto.commit": False,
            "auto.offset.reset": "error",
            "isolation.level": "read_uncommitted",
        }
    )
    try:
        ends = {
            partition: consumer.get_watermark_offsets(
                TopicPartition(topic, partition), timeout=120, cached=False
            )[1]
            for partition in partitions
        }
        consumer.assign([TopicPartition(topic, partition, 0) for partition in ends])
        return WholeLog(_read_to(consumer, ends, run_number(run)))
    finally:
        consumer.close()


def _read_to(consumer: Consumer, ends: dict[int, int], run: int) -> list[Record]:
    records: list[Record] = []
    open_partitions = {partition for partition, end in ends.items() if end > 0}
    deadline = time.monotonic() + _LIMIT
    while open_partitions:
        assert time.monotonic() < deadline, f"partitions {open_partitions} were not read to {ends}"
        for message in consumer.consume(500, 0.5):
            assert message.error() is None, message.error()
            partition, offset = message.partition(), message.offset()
            assert partition is not None
            assert offset is not None
            if offset < ends[partition]:
                identity = unpack(message.value(), run)
                assert isinstance(identity, Identity), f"{partition}@{offset} is {identity}"
                records.append(Record(partition, identity.sequence))
            if offset >= ends[partition] - 1:
                open_partitions.discard(partition)
    return records


def named_as_lost(finished: Finished) -> set[Record]:
    """Return the lost records that the account names: the first hundred of each phase."""
    lost = [each for totals in finished.totals.values() for each in totals.lost_records]
    return {Record(each.partition, each.sequence) for each in lost}
