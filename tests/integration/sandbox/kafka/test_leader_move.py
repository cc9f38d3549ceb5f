"""Leaders moved off a broker of a real cluster, and given back."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.sandbox.kafka.cluster_runs import events, journal, kill, record, started
from tests.integration.sandbox.kafka.small_cluster import SmallCluster, small_cluster
from tests.waiting import PATIENCE, wait_until

TOPIC = "orders"
FAULT = f"leader_move: {{topics: [{TOPIC}]}}\n    targets: {{hosts: k2}}"


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallCluster]:
    if os.geteuid() != 0:
        pytest.fail("this needs root for namespaces; `scripts/test unit golden` runs the others")
    with small_cluster(tmp_path_factory.mktemp("cluster"), 2) as running:
        running.ask("make_topic", TOPIC, 4, 2)
        yield running


@pytest.mark.whole
def test_leaders_move_and_come_back_though_the_run_is_killed(
    cluster: SmallCluster, tmp_path: Path
) -> None:
    state = tmp_path / "state"
    before, order = cluster.ask("leaders", TOPIC), cluster.ask("replicas", TOPIC)
    assert isinstance(before, list)
    assert before.count(2) == 2
    run = started(cluster, state, tmp_path, FAULT)
    assert cluster.ask("leaders", TOPIC) == [1, 1, 1, 1]
    (effect,) = events(state, "fault_effect")
    assert effect["seen"], effect
    kill(run)
    wait_until(lambda: json.loads(record(state).read_text())["ending"], "the watchdog took it back")
    assert cluster.ask("leaders", TOPIC) == before
    assert cluster.ask("replicas", TOPIC) == order


@pytest.mark.whole
def test_a_leader_that_was_not_the_preferred_one_leads_again(
    cluster: SmallCluster, tmp_path: Path
) -> None:
    state = tmp_path / "state"
    cluster.ask("prefer_another", TOPIC)
    before, order = cluster.ask("leaders", TOPIC), cluster.ask("replicas", TOPIC)
    assert isinstance(before, list)
    assert isinstance(order, list)
    assert before != [replicas[0] for replicas in order]
    run = started(cluster, state, tmp_path, FAULT)
    run.send_signal(signal.SIGINT)
    out = run.communicate(timeout=PATIENCE)
    assert run.returncode == 130, out
    assert cluster.ask("leaders", TOPIC) == before
    assert cluster.ask("replicas", TOPIC) == order
    assert '"state":"clean"' in journal(state).read_text()
