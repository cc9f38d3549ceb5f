"""A fault that bites, and of which no record of the probe can tell: the run does not say held."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from chaos_runner.faults.partition_shapes import split_by_shape
from chaos_runner.journal.events import FaultEffect, ProbeStarted
from tests.integration.conftest import Finished, chaos_runner
from tests.integration.lab.run.journals import events_of

BROKERS = [f"kafka-{number}" for number in range(1, 5)]
EXPERIMENT = """\
title: Orders survive a broker that the others do not hear
steady_state: {{loss: 0%{beyond}}}
probe: {{topic: {topic}}}
phases: {{before: 3s, after: 3s}}
faults:
  - network_partition: {{shape: isolate}}
    targets: {{group: kafka_broker, seed: {seed}}}
    duration: 5s
"""


@pytest.fixture
def elsewhere(in_lab: None, servers: str) -> Iterator[str]:
    """Make a topic that lies on the first three brokers, for the length of the test."""
    name = f"orders-{uuid.uuid4().hex[:8]}"
    admin = AdminClient({"bootstrap.servers": servers})
    first = sorted(admin.list_topics(timeout=120).brokers)[:3]
    placement = [[*first[place:], *first[:place]] for place in range(3)]
    admin.create_topics([NewTopic(name, 3, replica_assignment=placement)])[name].result(120)
    yield name
    admin.delete_topics([name])[name].result(120)


def isolated(directory: Path, lab: Path, topic: str, host: str, beyond: str = "") -> Finished:
    """Run the experiment with the seed that draws this host to be cut from the others."""
    seed = next(
        number
        for number in range(1, 100)
        if split_by_shape(BROKERS, "isolate", number).first_side == {host}
    )
    file = directory / "experiment.yml"
    file.write_text(EXPERIMENT.format(topic=topic, seed=seed, beyond=beyond), encoding="utf-8")
    options = ("-i", lab, "--runs", directory / "runs", "--trust", "-o", "json")
    done = chaos_runner("run", file, *options)
    assert "verdict" in done.json, done.stdout + done.stderr
    return done


def test_a_broker_that_has_nothing_of_the_topic_shows_nothing(
    tmp_path: Path, clean_hosts: Path, elsewhere: str
) -> None:
    done = isolated(tmp_path, clean_hosts, elsewhere, "kafka-4")
    assert done.json["verdict"] == "inconclusive"
    assert "reaches no partition of the probe's topic" in str(done.json["reasons"])
    journal = str(done.json["journal"])
    assert {effect.seen for effect in events_of(journal, FaultEffect)} == {True}
    (probe,) = events_of(journal, ProbeStarted)
    assert set(probe.exposure.values()) == {"none"}


@pytest.mark.whole  # what is judged besides records: tests/unit/execution/test_untouched.py
def test_where_health_is_judged_or_a_leader_is_hit_the_run_may_say_held(
    tmp_path: Path, clean_hosts: Path, elsewhere: str
) -> None:
    beyond = ", offline_partitions: 0"
    done = isolated(tmp_path, clean_hosts, elsewhere, "kafka-4", beyond)
    assert done.json["verdict"] == "held", done.stdout
    done = isolated(tmp_path, clean_hosts, elsewhere, "kafka-3")
    assert done.json["verdict"] == "held", done.stdout
    (probe,) = events_of(str(done.json["journal"]), ProbeStarted)
    assert sorted(probe.exposure.values()) == ["follower", "follower", "leader"]
