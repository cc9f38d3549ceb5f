"""Replication throttled on a real cluster, and taken back whatever dies."""

from __future__ import annotations

import json
import os
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.sandbox.kafka.cluster_runs import (
    events,
    experiment,
    holder,
    journal,
    kill,
    record,
    started,
)
from tests.integration.sandbox.kafka.small_cluster import SERVER, SmallCluster, small_cluster
from tests.waiting import PATIENCE, wait_until

TOPIC = "orders"
MEBIBYTES = 8
FAULT = "replication_throttle: {rate: 512KiB}\n    targets: {hosts: k2}"


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallCluster]:
    if os.geteuid() != 0:
        pytest.fail("this needs root for namespaces; `scripts/test unit golden` runs the others")
    with small_cluster(tmp_path_factory.mktemp("cluster"), 2) as running:
        running.ask("make_topic", TOPIC, 2, 2)
        yield running


@pytest.fixture
def state(cluster: SmallCluster, tmp_path: Path) -> Iterator[Path]:
    """Return a state directory; nothing of a test is on the cluster after it."""
    yield tmp_path / "state"
    cluster.call(tmp_path / "state", "recover", "--all", "--patience", "0", "-i", cluster.inventory)
    assert throttles(cluster) == {}


def throttles(cluster: SmallCluster) -> dict[str, str]:
    found = cluster.ask("throttles", 2, TOPIC)
    assert isinstance(found, dict)
    return found


def test_a_run_throttles_replication_and_takes_it_back(
    cluster: SmallCluster, state: Path, tmp_path: Path
) -> None:
    file = experiment(tmp_path, FAULT, "5s")
    done = cluster.call(state, "run", file, "-i", cluster.inventory, "--yes", "-o", "json")
    assert done.code == 0, done.stdout + done.stderr
    (undo,) = (event["undo"] for event in events(state, "undo_recorded"))
    set_to = {f"{each['name']} {each['key']}": each["during"] for each in undo["configs"]}
    assert set_to["2 leader.replication.throttled.rate"] == str(512 * 1024)
    assert set_to[f"{TOPIC} follower.replication.throttled.replicas"] == "0:2,1:2"
    assert [each["before"] for each in undo["configs"]] == [None] * len(undo["configs"])
    (effect,) = events(state, "fault_effect")
    assert effect["seen"], effect
    (verified,) = events(state, "host_verified")
    assert (verified["host"], verified["state"]) == ("Kafka cluster", "clean")
    assert throttles(cluster) == {}
    assert not list((state / "chaos-runner" / "cluster-faults").glob("*.json"))


def test_a_run_that_is_killed_leaves_nothing(
    cluster: SmallCluster, state: Path, tmp_path: Path
) -> None:
    kill(started(cluster, state, tmp_path, FAULT))
    wait_until(lambda: throttles(cluster) == {}, "the watchdog has taken it back")
    wait_until(lambda: json.loads(record(state).read_text())["ending"], "and has written that")
    run = journal(state).parent.name
    recovered = cluster.call(
        state, "recover", run, "-i", cluster.inventory, "--patience", "0", "-o", "json"
    )
    hosts: Any = recovered.json.get("hosts", [])
    told = [each for each in hosts if each["name"] == "Kafka cluster"]
    assert told, recovered.stdout + recovered.stderr
    assert (told[0]["state"], told[0]["faults"][0]["by"]) == ("clean", "lease")


@pytest.mark.whole
def test_the_state_directory_alone_is_enough(
    cluster: SmallCluster, state: Path, tmp_path: Path
) -> None:
    run = started(cluster, state, tmp_path, FAULT)
    watchdog = holder(state)
    os.kill(run.pid, signal.SIGSTOP)  # else it would notice, and undo it
    os.kill(watchdog, signal.SIGKILL)
    kill(run)
    shutil.rmtree(state / "chaos-runner" / "runs")
    assert len(throttles(cluster)) == 4
    planned = cluster.call(
        state, "plan", experiment(tmp_path, FAULT, "5s"), "-i", cluster.inventory
    )
    assert planned.code == 4, planned.stdout + planned.stderr
    assert "replication_throttle of run" in planned.stderr
    audited = cluster.call(state, "audit", "-i", cluster.inventory)
    assert "Kafka cluster: dirty" in audited.stdout
    recovered = cluster.call(state, "recover", "--all", "--patience", "0", "-i", cluster.inventory)
    assert "Kafka cluster: clean" in recovered.stdout
    assert throttles(cluster) == {}


@pytest.mark.whole
def test_the_journal_alone_is_enough(cluster: SmallCluster, state: Path, tmp_path: Path) -> None:
    run = started(cluster, state, tmp_path, FAULT)
    watchdog = holder(state)
    os.kill(run.pid, signal.SIGSTOP)
    os.kill(watchdog, signal.SIGKILL)
    kill(run)
    shutil.rmtree(state / "chaos-runner" / "cluster-faults")
    name = journal(state).parent.name
    again = ("recover", name, "--patience", "0", "-i", cluster.inventory, "--command-config")
    properties = tmp_path / "admin.properties"
    properties.write_text(f"bootstrap.servers={SERVER}\nsecurity.protocol=SSL\n")
    properties.chmod(0o600)
    refused = cluster.call(state, *again, properties)
    assert refused.code == 10
    assert "Kafka cluster: unknown" in refused.stdout
    properties.write_text(f"bootstrap.servers={SERVER}\n")
    recovered = cluster.call(state, *again, properties)
    assert "Kafka cluster: clean" in recovered.stdout
    assert throttles(cluster) == {}


@pytest.mark.whole
def test_a_follower_that_comes_back_catches_up_at_the_rate(
    cluster: SmallCluster, state: Path, tmp_path: Path
) -> None:
    run = started(cluster, state, tmp_path, FAULT)
    follower = cluster.brokers[1]
    follower.send_signal(signal.SIGSTOP)
    wait_until(lambda: cluster.ask("in_sync", TOPIC) == [1, 1], "it is out of the ISR")
    cluster.ask("produce", TOPIC, MEBIBYTES)
    follower.send_signal(signal.SIGCONT)
    resumed = time.monotonic()
    wait_until(lambda: cluster.ask("in_sync", TOPIC) == [2, 2], "it has caught up")
    took = time.monotonic() - resumed
    assert took > 0.7 * MEBIBYTES * 2, f"{took} s for {MEBIBYTES} MiB at half a MiB a second"
    run.send_signal(signal.SIGINT)
    out = run.communicate(timeout=PATIENCE)
    assert run.returncode == 130, out
    assert throttles(cluster) == {}


@pytest.mark.whole
def test_what_an_administrator_changed_meanwhile_stays(
    cluster: SmallCluster, state: Path, tmp_path: Path
) -> None:
    run = started(cluster, state, tmp_path, FAULT)
    key = "leader.replication.throttled.rate"
    cluster.ask("set_config", "BROKER", "2", key, "777777")
    run.send_signal(signal.SIGINT)
    out = run.communicate(timeout=PATIENCE)
    assert run.returncode == 10, out
    assert throttles(cluster) == {f"2 {key}": "777777"}
    (verified,) = events(state, "host_verified")
    assert verified["state"] == "dirty"
    assert "`777777` by somebody else" in verified["differences"][0]
    accepted = cluster.call(
        state, "recover", "--all", "--accept", "--yes", "--patience", "0", "-i", cluster.inventory
    )
    assert "Kafka cluster: clean" in accepted.stdout
    cluster.ask("set_config", "BROKER", "2", key, None)
