"""Targets by their part in Kafka, on the lab: found where Kafka has them, and found anew."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.integration.conftest import chaos_runner

EVERY_ROLE = """title: Everybody who plays a part
faults:
  - network_partition:
    targets: {controller: active}
  - network_partition:
    targets: {leader_of: __consumer_offsets-0}
  - network_partition:
    targets: {follower_of: __consumer_offsets-0}
  - network_partition:
    targets: {coordinator_of: payments}
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
    done = chaos_runner("plan", file, "-i", lab, "-o", "json")
    faults: list[dict[str, Any]] = json.loads(done.stdout)["faults"]
    return faults


def test_each_part_is_played_by_the_hosts_that_kafka_says(tmp_path: Path, lab: Path) -> None:
    file = tmp_path / "experiment.yml"
    file.write_text(EVERY_ROLE)
    controller, leader, followers, coordinator = planned(file, lab)
    assert controller["chosen_as"] == "the active controller"
    assert len(controller["targets"]) == 1
    assert controller["targets"][0] in {"kafka-1", "kafka-2", "kafka-3"}
    assert len(leader["targets"]) == 1
    assert not set(leader["targets"]) & set(followers["targets"])
    assert len(followers["targets"]) == 2
    assert len(coordinator["targets"]) == 1
    brokers = {"kafka-1", "kafka-2", "kafka-3", "kafka-4"}
    assert {*leader["targets"], *leader["control"]} == brokers


@pytest.mark.whole
def test_who_was_stopped_is_not_the_active_controller_any_more(tmp_path: Path, lab: Path) -> None:
    file = tmp_path / "experiment.yml"
    file.write_text(CONTROLLER_STOPS)
    [before] = planned(file, lab)
    done = chaos_runner("run", file, "-i", lab, "--runs", tmp_path, "--yes", "-o", "json")
    assert json.loads(done.stdout)["hosts"] == {before["targets"][0]: "clean"}, done.stderr
    [after] = planned(file, lab)
    assert after["targets"] != before["targets"]
