"""Targets by their part in Kafka: found where Kafka has them, and found anew when that moves."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka.admin import AdminClient

from chaos_runner.kafka.cluster.metadata import take_snapshot
from tests.integration.conftest import chaos_runner

PARTS = """title: Everybody who plays a part
faults:
  - network_partition:
    targets: {{controller: active}}
  - network_partition:
    targets: {{leader_of: {topic}-0}}
  - network_partition:
    targets: {{follower_of: {topic}-0}}
"""
CONTROLLER_STOPS = """title: Orders go on while the active controller is away
faults:
  - service_stop: {service: kafka}
    targets: {controller: active}
    duration: 10s
phases: {before: 3s, after: 10s}
"""


def planned(file: Path, lab: Path) -> list[dict[str, Any]]:
    """Return the faults of a plan; it shows them even where it then refuses."""
    faults = chaos_runner("plan", file, "-i", lab, "-o", "json").json["faults"]
    assert isinstance(faults, list)
    return faults


def test_each_part_is_played_by_the_host_that_kafka_says(
    tmp_path: Path, lab: Path, servers: str, brokers: dict[str, str], topic: str
) -> None:
    file = tmp_path / "experiment.yml"
    file.write_text(PARTS.format(topic=topic))
    controller, leader, followers = planned(file, lab)
    cluster = take_snapshot(AdminClient({"bootstrap.servers": servers}), 60)
    [partition] = cluster.of_topic(topic)
    number_of = {broker.host: number for number, broker in cluster.brokers.items()}
    replicas = {name: number_of[address] for name, address in brokers.items()}
    assert [replicas[name] for name in leader["targets"]] == [partition.leader]
    assert {replicas[name] for name in followers["targets"]} == (
        set(partition.replicas) - {partition.leader}
    )
    assert {*leader["targets"], *leader["control"]} == set(brokers)
    assert controller["chosen_as"] == "the active controller"
    assert len(controller["targets"]) == 1


@pytest.mark.whole
def test_who_was_stopped_is_not_the_active_controller_any_more(tmp_path: Path, lab: Path) -> None:
    file = tmp_path / "experiment.yml"
    file.write_text(CONTROLLER_STOPS)
    [before] = planned(file, lab)
    done = chaos_runner("run", file, "-i", lab, "--runs", tmp_path, "--yes", "-o", "json")
    [stopped] = before["targets"]
    assert json.loads(done.stdout)["hosts"] == [{"name": stopped, "state": "clean"}], done.stderr
    [after] = planned(file, lab)
    assert after["targets"] != before["targets"]
