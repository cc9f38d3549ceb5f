"""A consumer group of a real cluster made to rebalance, without a record lost to it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.integration.conftest import REPOSITORY
from tests.integration.sandbox.kafka.cluster_runs import events, experiment, kill, started
from tests.integration.sandbox.kafka.small_cluster import SmallCluster, small_cluster
from tests.waiting import PATIENCE, wait_until

TOPIC, GROUP = "orders", "payments"
FAULT = f"group_rebalance: {{group: {GROUP}, topics: [{TOPIC}], every: 3s}}"
MEMBER = "tests.integration.sandbox.kafka.group_member"


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallCluster]:
    if os.geteuid() != 0:
        pytest.fail("this needs root for namespaces; `scripts/test unit golden` runs the others")
    with small_cluster(tmp_path_factory.mktemp("cluster"), 1) as running:
        running.ask("make_topic", TOPIC, 4, 1)
        yield running


@contextmanager
def member(cluster: SmallCluster, log: Path, protocol: str) -> Iterator[None]:
    """Have an application's consumer in the group, which is in when the block begins."""
    command = [sys.executable, "-m", MEMBER, GROUP, TOPIC, protocol]
    with log.open("w") as output:
        process = subprocess.Popen(cluster.inside(command), cwd=REPOSITORY, stdout=output)
    try:
        wait_until(lambda: "assigned" in log.read_text(), "the application's member is in")
        yield
    finally:
        process.kill()
        process.wait(PATIENCE)


def shares(log: Path) -> list[str]:
    return [line for line in log.read_text().splitlines() if line.startswith("assigned")]


@pytest.mark.whole
@pytest.mark.parametrize("protocol", ["classic", "consumer"])
def test_a_group_rebalances_and_misses_no_record(
    cluster: SmallCluster, tmp_path: Path, protocol: str
) -> None:
    log, state = tmp_path / "member", tmp_path / "state"
    with member(cluster, log, protocol):
        run = started(cluster, state, tmp_path, FAULT)
        sent = cluster.ask("send_numbered", TOPIC, protocol, 200)
        assert isinstance(sent, list)
        expected = {f"read {each}" for each in sent}
        wait_until(lambda: len(shares(log)) >= 5, "the group has rebalanced again and again")
        kill(run)  # the member of the fault goes with the watchdog
        wait_until(
            lambda: expected <= set(log.read_text().splitlines()),
            "the application has read every record",
        )
    (effect,) = events(state, "fault_effect")
    assert effect["seen"], effect


@pytest.mark.whole
def test_a_group_without_members_and_one_that_is_not_named_are_refused(
    cluster: SmallCluster, tmp_path: Path
) -> None:
    alone = FAULT.replace(GROUP, "nobody")
    file = experiment(tmp_path, alone, "5s")
    planned = cluster.call(tmp_path, "plan", file, "-i", cluster.inventory)
    assert planned.code == 4
    assert "the members of 1 consumer groups would be disturbed: nobody" in planned.stderr
    file.write_text(file.read_text().replace("[payments]", "[nobody]"))
    done = cluster.call(tmp_path, "run", file, "-i", cluster.inventory, "--yes")
    assert done.code == 5, done.stdout + done.stderr
    assert "nobody has no members" in done.stdout + done.stderr
