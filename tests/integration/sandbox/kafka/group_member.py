"""A consumer of an application: it reads its group's topic, commits, and tells what it saw.

`python -m … GROUP TOPIC PROTOCOL` prints `assigned N` for each share it is given, and `read ID` for
each record, whose id is its value.
"""

from __future__ import annotations

import sys
from contextlib import suppress

from confluent_kafka import Consumer, KafkaException, TopicPartition

from tests.integration.sandbox.kafka.small_cluster import SERVER


def main() -> None:
    """Read until it is killed."""
    group, topic, protocol = sys.argv[1:]
    member = Consumer(
        {
            "bootstrap.servers": SERVER,
            "group.id": group,
            "group.protocol": protocol,
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
        }
    )

    def on_assign(_: Consumer, share: list[TopicPartition]) -> None:
        print(f"assigned {len(share)}", flush=True)

    member.subscribe([topic], on_assign=on_assign)
    while True:
        record = member.poll(1.0)
        if record is not None and record.error() is None:
            value = record.value()
            assert isinstance(value, bytes)
            print(f"read {value.decode()}", flush=True)
            with suppress(KafkaException):  # while it rebalances: then it reads it again
                member.commit(message=record, asynchronous=False)


main()
