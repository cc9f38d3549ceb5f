"""A real probe engine, with real clients, against librdkafka's mock cluster."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import cast

from confluent_kafka import Producer

from chaos_runner.kafka.client_config.client_settings import client_settings
from chaos_runner.kafka.cluster.connection import admin_client
from chaos_runner.kafka.cluster.health_watch import HealthPoll
from chaos_runner.kafka.common.messages import BucketMessage, Finished, ProbeMessage, ProbeSettings
from chaos_runner.kafka.common.notices import Notices, silent_logger
from chaos_runner.kafka.consuming.consumer import consumer_client
from chaos_runner.kafka.ledger.record_header import run_number
from chaos_runner.kafka.probe.assembly import make_engine, second_reader
from chaos_runner.kafka.probe.channel import Channel
from chaos_runner.kafka.probe.drain import Drain
from chaos_runner.kafka.probe.existing_topic import look_at_topic
from chaos_runner.kafka.probe.ledger_summary import final_summary
from chaos_runner.measurements.exposure import Exposure
from tests.unit.kafka.mock_cluster import MockCluster

TOPIC = "chaos-runner-probe-mock"
RUN = "mock"
PATIENCE = 30.0
"""Seconds after which a condition that never comes fails a test."""

QUICK = {
    "socket.timeout.ms": "1000",
    "reconnect.backoff.max.ms": "100",
    "retry.backoff.ms": "50",
    "retry.backoff.max.ms": "100",
}


class Told:
    """The channel to the run: it keeps what is reported, and commands nothing."""

    def __init__(self) -> None:
        self.messages: list[ProbeMessage] = []

    def send(self, message: ProbeMessage) -> None:
        self.messages.append(message)

    def check(self) -> None:
        pass


class MockProbe:
    """One engine over a topic of the mock cluster, driven by hand."""

    def __init__(
        self,
        cluster: MockCluster,
        properties: dict[str, str],
        exposed: list[Exposure],
        rate: float,
        others: int = 0,
    ) -> None:
        self.cluster = cluster
        self.exposed = exposed
        self.told = Told()
        self.run = run_number(RUN)
        self._client = client_settings(cluster.bootstrap, {**QUICK, **properties})
        self._notices = Notices(self.told.send, self._client)
        settings = ProbeSettings(run=RUN, bootstrap_servers=cluster.bootstrap, rate=rate, size=100)
        starts: list[int] = []
        if others:
            settings = settings.model_copy(update={"topic": TOPIC})
            for partition in range(len(exposed)):
                for _ in range(others):
                    self.write(partition, b"of somebody else")
            admin = admin_client(self._client, self._notices)
            consumer = consumer_client(self._client, self._notices)
            starts = look_at_topic(admin, consumer, TOPIC, PATIENCE).starts
        health = HealthPoll(admin_client(self._client, self._notices), TOPIC, len(exposed))
        self.engine = make_engine(
            settings,
            self._client,
            TOPIC,
            exposed,
            health,
            cast("Channel", self.told),
            self._notices,
            starts,
        )
        self.engine.sender.enter_phase("during", time.monotonic_ns())
        self.engine.start()

    @property
    def pages(self) -> list[tuple[int, int]]:
        """Return of each partition the acked end and the reader's position."""
        return [(page.acked_end, page.position) for page in self.engine.ledger.partitions]

    def tick_until(self, condition: Callable[[], bool]) -> None:
        """Work until something is so."""
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < deadline, (
                f"{self.pages} {[text for text in self.texts if text]}"
            )
            self.engine.tick()

    def flows(self, least: int = 20) -> bool:
        """Tell whether every partition has given back so many offsets."""
        return all(position >= least for _, position in self.pages)

    @property
    def texts(self) -> list[str]:
        """Return the notices so far."""
        return [getattr(message, "text", "") for message in self.told.messages]

    @property
    def counts(self) -> dict[str, int]:
        """Return the counts of the phase so far."""
        totals = self.engine.ledger.buckets.totals(time.monotonic())
        return totals["during"].model_dump() if "during" in totals else {}

    def halt_readers(self) -> None:
        """Let all readers stand still where they are."""
        for group in self.engine._groups:
            group.reader.stop()

    def read_on(self) -> None:
        """Let readers go on where they were halted, as if they had only been slow."""
        pages = self.engine.ledger.partitions
        for group in self.engine._groups:
            group.reader = group._read_from({each: pages[each].position for each in group.senders})
            group.reader.start()

    def write(self, partition: int, value: bytes) -> None:
        """Write a value through another producer, and wait for its ack."""
        producer = Producer({"bootstrap.servers": self.cluster.bootstrap}, logger=silent_logger())
        producer.produce(TOPIC, value, partition=partition)
        assert producer.flush(PATIENCE) == 0

    def finish(self, limit: float = PATIENCE) -> Finished:
        """Drain and return the final account."""
        drain = Drain(self.engine, second_reader(self._client, TOPIC, self._notices), limit)
        drain.run()
        return final_summary(1, drain, self.exposed)

    def last_buckets(self) -> int:
        """Return the sum of seen records over the last telling of each bucket."""
        newest = {
            (told.bucket.second, told.bucket.phase, told.bucket.group): told.bucket.consumed
            for told in self.told.messages
            if isinstance(told, BucketMessage)
        }
        return sum(newest.values())


@contextmanager
def mock_probe(
    properties: dict[str, str] | None = None,
    exposed: list[Exposure] | None = None,
    rate: float = 200,
    others: int = 0,
) -> Iterator[MockProbe]:
    """Run an engine against a cluster of its own for the time of a test.

    With `others` it is given an existing topic, with so many records of others in each partition.
    """
    cluster = MockCluster()
    exposed = exposed or [Exposure.ALL, Exposure.ALL]
    try:
        cluster.create_topic(TOPIC, len(exposed))
        cluster.await_topic(TOPIC)
        probe = MockProbe(cluster, properties or {}, exposed, rate, others)
        try:
            yield probe
        finally:
            probe.engine.stop()
    finally:
        cluster.close()
