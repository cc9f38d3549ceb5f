"""Probes from inside the lab's network namespace, against the lab's real Kafka."""

from __future__ import annotations

import ctypes
import json
import os
import subprocess
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from chaos_runner.kafka.common.messages import (
    BucketMessage,
    HealthMessage,
    NoticeMessage,
    ProbeMessage,
)
from chaos_runner.kafka.probe.session import Probe, ProbeSettings
from chaos_runner.lab.namespace import enter
from chaos_runner.measurements.exposure import FaultReach
from chaos_runner.measurements.model import Bucket, Counts, Health
from tests.integration.conftest import LAB_NAME
from tests.waiting import PATIENCE, wait_until

_NETWORK_NAMESPACE = 0x40000000


class Heard:
    """What a probe reported; a later message of a bucket replaces the earlier one."""

    def __init__(self) -> None:
        self.buckets: dict[tuple[int, str, str], Bucket] = {}
        self.health: list[Health] = []
        self.notices: list[str] = []

    def __call__(self, message: ProbeMessage) -> None:
        match message:
            case BucketMessage(bucket=bucket):
                self.buckets[bucket.second, bucket.phase, bucket.group] = bucket
            case HealthMessage(health=health):
                self.health.append(health)
            case NoticeMessage(text=text):
                self.notices.append(text)

    def phase(self, phase: str) -> list[Bucket]:
        return [bucket for bucket in self.buckets.values() if bucket.phase == phase]

    def group(self, group: str) -> Counts:
        """Return what was told of one exposure group's records so far, over all phases."""
        buckets = [bucket for bucket in list(self.buckets.values()) if bucket.group == group]
        return Counts(
            **{
                name: sum(getattr(bucket, name) for bucket in buckets)
                for name in Counts.model_fields
            }
        )


class Rig:
    """One probe and what it reported."""

    def __init__(
        self,
        servers: str,
        run: str = "",
        targets: Sequence[str] = (),
        client: Mapping[str, str] | None = None,
        groups: Sequence[str] = (),
    ) -> None:
        self.heard = Heard()
        self.run = run or f"test-{uuid.uuid4().hex[:8]}"
        settings = ProbeSettings(
            run=self.run,
            bootstrap_servers=servers,
            faults=[FaultReach(fault="test_1", hit=[[each] for each in targets])]
            if targets
            else [],
            client=dict(client or {}),
            groups=list(groups),
        )
        self.probe = Probe(settings, self.heard)

    def wait_until(
        self, condition: Callable[[], bool], what: str, seconds: float = PATIENCE
    ) -> None:
        """Wait until a condition holds; fail with what the probe said, at once when it is dead."""

        def holds() -> bool:
            self.probe.raise_if_dead()
            return condition()

        try:
            # Seldom: each look may make a client of its own, on a machine that has other work.
            wait_until(holds, what, seconds, pause=0.5)
        except AssertionError as error:
            raise AssertionError(f"{error}; {self.heard.notices}") from error


@pytest.fixture(scope="session")
def brokers(lab: Path) -> dict[str, str]:
    """Return the addresses of the lab's brokers by host name."""
    told = subprocess.run([lab / "hosts", "--list"], capture_output=True, text=True, check=True)
    inventory = json.loads(told.stdout)
    variables = inventory["_meta"]["hostvars"]
    return {name: variables[name]["ansible_host"] for name in inventory["kafka_broker"]["hosts"]}


@pytest.fixture(scope="session")
def servers(brokers: dict[str, str]) -> str:
    """Return the bootstrap servers of the lab, all its brokers."""
    return ",".join(f"{address}:9092" for address in brokers.values())


@pytest.fixture
def in_lab(lab: Path) -> Iterator[None]:
    """Run the test, and the processes it starts, in the lab's network namespace."""
    home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    enter(LAB_NAME)
    yield
    assert ctypes.CDLL(None).setns(home, _NETWORK_NAMESPACE) == 0
    os.close(home)


@pytest.fixture
def new_rig(in_lab: None, servers: str) -> Iterator[Callable[..., Rig]]:
    """Return a maker of probes; each is gone after the test."""
    rigs: list[Rig] = []

    def make(
        at: str = servers,
        run: str = "",
        targets: Sequence[str] = (),
        client: Mapping[str, str] | None = None,
        groups: Sequence[str] = (),
    ) -> Rig:
        rigs.append(Rig(at, run, targets, client, groups))
        return rigs[-1]

    yield make
    for rig in rigs:
        rig.probe.kill()


@pytest.fixture
def topic(in_lab: None, servers: str) -> Iterator[str]:
    """Make a topic of one partition with ten records, for the length of the test."""
    name = f"chaos-runner-test-{uuid.uuid4().hex[:8]}"
    admin = AdminClient({"bootstrap.servers": servers})
    limit = {"min.insync.replicas": "2"}
    admin.create_topics([NewTopic(name, 1, 3, config=limit)])[name].result(120)
    producer = Producer({"bootstrap.servers": servers})
    for _ in range(10):
        producer.produce(name, b"x")
    assert producer.flush(60) == 0
    yield name
    admin.delete_topics([name])[name].result(120)
