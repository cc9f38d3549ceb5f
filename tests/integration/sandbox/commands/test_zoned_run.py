"""Whole runs over an execution node: a real broker, a cut in the middle, a node that dies."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from chaos_runner.journal.events import FaultReverted, HostVerified, LeaseRenewed, RunFinished
from chaos_runner.journal.reader import read_journal
from tests.integration.sandbox.commands.zone import PEER, Zone
from tests.integration.sandbox.kafka.small_cluster import SERVER, small_cluster
from tests.waiting import PATIENCE, wait_until

pytestmark = pytest.mark.whole
EXPERIMENT = """\
title: A host of a zone is cut from a peer
kafka: {{bootstrap_servers: "{server}"}}
steady_state: {{loss: 0%, offline_partitions: 0}}
probe: {{rate: 20/s}}
phases: {{before: 1s, after: 1s}}
lease: 20s
allow: {{unknown_blast_radius: true, topics: ["*", "__*"]}}
faults:
  - network_partition: {{peers: [{peer}]}}
    targets: {{hosts: k1}}
    duration: {duration}
"""


@pytest.fixture(scope="module")
def zone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Zone]:
    fleet = Zone(tmp_path_factory.mktemp("zone"))
    try:
        with small_cluster(tmp_path_factory.mktemp("cluster"), 1, fleet.sandbox.far):
            yield fleet
    finally:
        fleet.close()


def experiment(directory: Path, duration: str) -> Path:
    file = directory / "experiment.yml"
    file.write_text(EXPERIMENT.format(server=SERVER, peer=PEER, duration=duration))
    return file


def started(zone: Zone, directory: Path, duration: str) -> tuple[subprocess.Popen[str], Path]:
    """Start a run, and return it with its journal once a lease was renewed from the node."""
    runs = directory / "runs"
    process = zone.start("run", experiment(directory, duration), "--yes", "--runs", runs)

    def renewed() -> bool:
        assert process.poll() is None, process.communicate()
        return any('"lease_renewed"' in each.read_text() for each in runs.glob("*/journal.jsonl"))

    wait_until(renewed, "a lease is renewed")
    (journal,) = runs.glob("*/journal.jsonl")
    return process, journal


def test_a_run_survives_a_cut_from_its_node(zone: Zone, tmp_path: Path) -> None:
    planned = zone.call("plan", experiment(tmp_path, "90s"))
    assert "k1: worked on by the execution node node" in planned.stdout, planned
    process, journal = started(zone, tmp_path, "90s")
    zone.cut()
    time.sleep(40)  # twice the lease: what is shown is that it does not end
    assert "chaos_" in zone.tables()
    zone.reconnect()
    said = process.communicate(timeout=PATIENCE)
    events = read_journal(journal).events
    assert process.returncode == 0, said
    (verified,) = (event for event in events if isinstance(event, HostVerified))
    assert verified.state == "clean"
    (reverted,) = (event for event in events if isinstance(event, FaultReverted))
    assert reverted.held is not None
    assert reverted.held >= 90
    assert reverted.by == "revert"
    (end,) = (event for event in events if isinstance(event, RunFinished))
    assert end.verdict == "held", end
    assert {host for event in events if isinstance(event, LeaseRenewed) for host in event.hosts}


def test_the_hosts_of_a_node_that_dies_come_back_by_their_leases(
    zone: Zone, tmp_path: Path
) -> None:
    process, journal = started(zone, tmp_path, "10m")
    zone.end_node()
    said = process.communicate(timeout=PATIENCE)
    assert process.returncode == 10, said
    assert zone.tables() == ""
    zone.start_node()
    recovered = zone.call("recover", journal.parent.name, "--runs", journal.parent.parent)
    assert recovered.code == 0, recovered
    audited = zone.call("audit")
    assert audited.code == 0, audited
