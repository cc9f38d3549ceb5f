"""Two execution nodes with hosts of their own, and the link between them cut in mid-run."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from chaos_runner.journal.events import FaultReverted, HostVerified, RunFinished
from chaos_runner.journal.reader import read_journal
from chaos_runner.report.rendering import as_html, as_markdown
from chaos_runner.report.story.report_model import tell_story
from tests.integration.conftest import COMMAND, REPOSITORY, Finished
from tests.integration.lab.lab.leftovers import leftovers
from tests.integration.lab.lab.two_zones import NAME, ZONES, TwoZones
from tests.integration.sandbox.kafka.small_cluster import SERVER, small_cluster
from tests.waiting import PATIENCE, wait_until

# tests/integration/sandbox/commands/test_execution_node.py shows faster what a cut does to a lease.
pytestmark = pytest.mark.whole

HOSTS = {host for hosts in ZONES.values() for host in hosts}
HELD = 90
"""Seconds for which the faults are on; the link is cut for half of them, twice the lease."""
EXPERIMENT = f"""\
title: Hosts of two zones are cut from a peer
kafka: {{bootstrap_servers: "{SERVER}"}}
steady_state: {{loss: 0%, offline_partitions: 0}}
probe: {{rate: 20/s}}
phases: {{before: 1s, after: 1s}}
lease: 20s
allow: {{unknown_blast_radius: true, topics: ["*", "__*"]}}
faults:
  - network_partition: {{peers: [198.18.0.250]}}
    targets: {{group: kafka_broker, all: true}}
    duration: {HELD}s
"""


@pytest.fixture(scope="module")
def zones(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TwoZones]:
    fleet = TwoZones(tmp_path_factory.mktemp("zones"))
    try:
        with small_cluster(tmp_path_factory.mktemp("cluster"), 1, fleet.holder):
            yield fleet
    finally:
        fleet.close()
    assert leftovers(NAME) == []


def start(zones: TwoZones, directory: Path, *arguments: str | Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*COMMAND, *map(str, arguments), "-i", str(zones.inventory)],
        cwd=directory,
        env={
            **os.environ,
            "XDG_STATE_HOME": str(zones.inventory.parent / "state"),
            "PYTHONPATH": str(REPOSITORY),
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(process: subprocess.Popen[str]) -> Finished:
    printed, said = process.communicate(timeout=2 * PATIENCE)
    assert "Traceback" not in said, said
    return Finished(process.returncode, printed, said)


def started(zones: TwoZones, directory: Path) -> tuple[subprocess.Popen[str], Path]:
    """Start a run, and return it with its journal once every fault is held."""
    file, runs = directory / "experiment.yml", directory / "runs"
    file.write_text(EXPERIMENT)
    process = start(zones, directory, "run", file, "--yes", "--runs", runs)

    def held() -> bool:
        assert process.poll() is None, process.communicate()
        return any('"phase":"during"' in each.read_text() for each in runs.glob("*/journal.jsonl"))

    wait_until(held, "the faults are held")
    (journal,) = runs.glob("*/journal.jsonl")
    return process, journal


def test_each_zone_keeps_its_faults_through_a_cut_and_is_clean(
    zones: TwoZones, tmp_path: Path
) -> None:
    process, journal = started(zones, tmp_path)
    zones.cut()
    time.sleep(HELD / 2)  # what is shown is that no lease ends
    zones.reconnect()
    done = ended(process)
    assert done.code in (0, 3), done  # the probe of a busy machine cannot say that it held
    story = tell_story(read_journal(journal))
    assert {host.host: host.state for host in story.hosts} == dict.fromkeys(HOSTS, "clean")
    assert story.finished
    assert {reason.code for reason in story.reasons} <= {"phase_judged", "not_quiet"}
    events = read_journal(journal).events
    reverted = {each.host: each for each in events if isinstance(each, FaultReverted)}
    assert set(reverted) == HOSTS
    for each in reverted.values():
        assert each.by == "revert"
        assert (each.held or 0) >= HELD
    for page in (as_html(story), as_markdown(story)):
        assert all(host in page for host in HOSTS)


def test_a_zone_that_stays_cut_off_takes_its_faults_back_itself(
    zones: TwoZones, tmp_path: Path
) -> None:
    process, journal = started(zones, tmp_path)
    zones.cut()
    done = ended(process)
    assert done.code == 10, done
    events = read_journal(journal).events
    states = {each.host: each.state for each in events if isinstance(each, HostVerified)}
    assert {host: states.get(host, "unknown") for host in HOSTS} == {
        **dict.fromkeys(ZONES["node-a"], "clean"),
        **dict.fromkeys(ZONES["node-b"], "unknown"),
    }
    assert any(isinstance(each, RunFinished) for each in events)
    zones.reconnect()
    where = ("--runs", journal.parent.parent)
    recovered = ended(start(zones, tmp_path, "recover", journal.parent.name, *where))
    assert recovered.code == 0, recovered
    story = tell_story(read_journal(journal))
    assert {host.host: host.state for host in story.hosts} == dict.fromkeys(HOSTS, "clean")
    assert "recover" in as_markdown(story)
