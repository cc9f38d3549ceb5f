"""The load beside the probe on a host of its own: a real broker, Kafka's own tool, real cuts."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from chaos_runner.journal.contents import ReadJournal
from chaos_runner.journal.events import HostVerified, LoadEnded, LoadStarted, RunFinished
from chaos_runner.journal.reader import read_journal
from chaos_runner.report.rendering import as_html, as_markdown
from chaos_runner.report.story.report_model import tell_story
from tests.integration.sandbox.commands.probe_zones import ProbeZones, zones_beside_a_broker
from tests.integration.sandbox.guard.sandbox import HOST
from tests.integration.sandbox.kafka.load_tool import tool_command, tool_jars, tool_processes
from tests.waiting import PATIENCE, wait_until

# What starts, bounds and ends it is shown faster by tests/unit/load/test_perf_test.py.
pytestmark = pytest.mark.whole

NODE = "node-a"
PEER_ALONE = "nothing_reached"
"""The fault reaches no broker: it is there for the load to be on while one is held."""
EXPERIMENT = """\
title: A peer is cut off under load
kafka: {{bootstrap_servers: "{server}"}}
steady_state: {{loss: 0%}}
probe: {{rate: 20/s}}
phases: {{before: 8s, after: 8s}}
allow: {{unknown_blast_radius: true, topics: ["*", "__*"]}}
load: {load}
faults:
  - network_partition: {{peers: [{peer}]}}
    targets: {{hosts: k1}}
    duration: {duration}
"""


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProbeZones]:
    with zones_beside_a_broker(tmp_path_factory.mktemp("zones")) as fleet:
        yield fleet


@pytest.fixture(scope="module")
def jars(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tool_jars(tmp_path_factory.mktemp("tools"))


def experiment(directory: Path, jars: Path, held_for: str, **changes: object) -> Path:
    """Write an experiment with a load on a node; `changes` are other options of the load."""
    command = tool_command(jars)
    load = {"topic": "load-test", "rate": "200/s", "host": NODE, "command": command, **changes}
    file = directory / "experiment.yml"
    file.write_text(
        EXPERIMENT.format(
            server=f"{HOST}:9092",
            load=json.dumps(load),
            peer="198.18.200.99",
            duration=held_for,
        )
    )
    return file


def start(fleet: ProbeZones, file: Path) -> subprocess.Popen[str]:
    return fleet.start("run", file, "--yes", "--trust", "--runs", file.parent / "runs")


def journal_in(directory: Path) -> Path:
    (journal,) = (directory / "runs").glob("*/journal.jsonl")
    return journal


def held(process: subprocess.Popen[str], directory: Path) -> bool:
    assert process.poll() is None, process.communicate()
    written = [each.read_text() for each in (directory / "runs").glob("*/journal.jsonl")]
    return any('"phase":"during"' in each for each in written)


def codes(journal: ReadJournal) -> set[str]:
    """Return the codes of the reasons why the verdict is not better."""
    (finished,) = (each for each in journal.events if isinstance(each, RunFinished))
    return {reason.code for reason in finished.reasons}


def networks_of_java(processes: list[int]) -> set[Path]:
    """Return the network namespaces that the tool itself is in: ssh is called with it, too."""
    entries = [Path("/proc") / str(process) for process in processes]
    java = [entry for entry in entries if (entry / "comm").read_text() == "java\n"]
    return {(entry / "ns" / "net").readlink() for entry in java}


def test_the_load_is_on_its_host_for_as_long_as_the_run_needs_it(
    fleet: ProbeZones, jars: Path, tmp_path: Path
) -> None:
    file = experiment(tmp_path, jars, "12s")
    planned = fleet.call("plan", file, "--trust")
    assert planned.code == 0, planned
    process = start(fleet, file)
    wait_until(lambda: held(process, tmp_path), "the fault is held")
    assert networks_of_java(tool_processes(jars)) == {fleet.network(NODE)}
    printed, said = process.communicate(timeout=PATIENCE)
    assert "Traceback" not in said, printed + said
    assert tool_processes(jars) == []
    journal = read_journal(journal_in(tmp_path))
    (started,) = (each for each in journal.events if isinstance(each, LoadStarted))
    assert started.host == NODE
    assert codes(journal) <= {PEER_ALONE}
    (ended,) = (each for each in journal.events if isinstance(each, LoadEnded))
    assert ended.by_run, ended
    story = tell_story(journal)
    assert story.load is not None
    assert [each.phase for each in story.load.phases] == ["before", "during", "after"]
    assert all(each.records > 0 for each in story.load.phases)
    for page in (as_html(story), as_markdown(story)):
        assert NODE in page


def test_the_load_on_a_host_ends_with_the_control_node(
    fleet: ProbeZones, jars: Path, tmp_path: Path
) -> None:
    process = start(fleet, experiment(tmp_path, jars, "10m"))
    wait_until(lambda: held(process, tmp_path), "the fault is held")
    assert tool_processes(jars)
    process.kill()
    process.communicate(timeout=PATIENCE)
    wait_until(lambda: tool_processes(jars) == [], "nothing of the load is left")
    recovered = fleet.call("recover", "--all", "--runs", tmp_path / "runs")
    assert recovered.code == 0, recovered


def test_a_load_that_is_cut_off_ends_after_its_time_and_the_run_is_inconclusive(
    fleet: ProbeZones, jars: Path, tmp_path: Path
) -> None:
    process = start(fleet, experiment(tmp_path, jars, "40s", duration="75s"))
    wait_until(lambda: held(process, tmp_path), "the fault is held")
    fleet.cut(NODE)
    printed, said = process.communicate(timeout=2 * PATIENCE)
    assert process.returncode == 3, printed + said
    wait_until(lambda: tool_processes(jars) == [], "its time is over")
    fleet.reconnect()
    journal = read_journal(journal_in(tmp_path))
    (verified,) = (each for each in journal.events if isinstance(each, HostVerified))
    assert verified.state == "clean"
    assert codes(journal) - {PEER_ALONE} == {"load_silent"}
