"""Kafka's own producer-perf-test beside the probe, on a real cluster."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from chaos_runner.journal.reader import read_journal
from chaos_runner.report.rendering import as_html, as_markdown
from chaos_runner.report.story.report_model import tell_story
from tests.integration.sandbox.kafka.cluster_runs import (
    events,
    experiment,
    journal,
    kill,
    started,
)
from tests.integration.sandbox.kafka.load_tool import (
    TOOL,
    tool_command,
    tool_jars,
    tool_processes,
)
from tests.integration.sandbox.kafka.small_cluster import SmallCluster, small_cluster
from tests.waiting import wait_until

# What starts, bounds and ends it is shown faster by tests/unit/load/test_perf_test.py.
pytestmark = pytest.mark.whole

TOPIC = "load-test"
FAULT = "replication_throttle: {rate: 512KiB}\n    targets: {hosts: k2}"


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallCluster]:
    if os.geteuid() != 0:
        pytest.fail("this needs root for namespaces; `scripts/test unit golden` runs the others")
    with small_cluster(tmp_path_factory.mktemp("cluster"), 2) as running:
        running.ask("make_topic", TOPIC, 2, 2)
        yield running


@pytest.fixture(scope="module")
def tools(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tool_jars(tmp_path_factory.mktemp("tools"))


def load(tools: Path, tool: str = TOOL) -> str:
    """Return what an experiment says of a load."""
    command = tool_command(tools, tool)
    return f"load: {json.dumps({'topic': TOPIC, 'rate': '200/s', 'command': command})}\n"


def test_the_load_is_on_before_during_and_after_and_then_gone(
    cluster: SmallCluster, tools: Path, tmp_path: Path
) -> None:
    state = tmp_path / "state"
    file = experiment(tmp_path, FAULT, "12s")
    text = file.read_text().replace("before: 1s, after: 1s", "before: 8s, after: 8s")
    file.write_text(text + load(tools))
    words = (file, "-i", cluster.inventory)
    refused = cluster.call(state, "run", *words, "--yes")
    assert refused.code == 4
    assert f"writes into {TOPIC}" in refused.stderr
    planned = cluster.call(state, "plan", *words, "--trust")
    assert "--num-records 720000 --record-size 1024 --throughput 200" in planned.stdout, planned
    done = cluster.call(state, "run", *words, "--yes", "--trust", "-o", "json")
    assert done.code == 0, done.stdout + done.stderr
    (ended,) = events(state, "load_ended")
    assert ended["by_run"], ended
    assert tool_processes(tools) == []
    story = tell_story(read_journal(journal(state)))
    assert story.load is not None
    assert [each.phase for each in story.load.phases] == ["before", "during", "after"]
    assert all(each.records > 0 for each in story.load.phases)
    for page in (as_html(story), as_markdown(story)):
        assert "asked for 200 records/s" in page


def test_the_load_of_a_run_that_is_killed_ends(
    cluster: SmallCluster, tools: Path, tmp_path: Path
) -> None:
    state = tmp_path / "state"
    run = started(cluster, state, tmp_path, FAULT, "--trust", more=load(tools))
    assert tool_processes(tools)
    kill(run)
    wait_until(lambda: tool_processes(tools) == [], "nothing of the load is left")
    cluster.call(state, "recover", "--all", "--patience", "0", "-i", cluster.inventory)


def test_a_load_that_cannot_begin_ends_the_run_before_anything_is_touched(
    cluster: SmallCluster, tools: Path, tmp_path: Path
) -> None:
    state = tmp_path / "state"
    file = experiment(tmp_path, FAULT, "5s")
    file.write_text(file.read_text() + load(tools, "org.apache.kafka.tools.NoSuchTool"))
    done = cluster.call(state, "run", file, "-i", cluster.inventory, "--yes", "--trust")
    assert done.code == 3, done.stdout + done.stderr
    assert "did not begin to send: exit code 1: Caused by" in done.stdout + done.stderr
    assert events(state, "fault_intended") == []
