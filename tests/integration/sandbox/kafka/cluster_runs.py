"""Runs with a fault of the cluster, that hold it for long, and what they write down."""

from __future__ import annotations

import json
import signal
import subprocess
from pathlib import Path
from typing import Any

from tests.integration.sandbox.kafka.small_cluster import SERVER, SmallCluster
from tests.waiting import PATIENCE, wait_until

EXPERIMENT = """\
title: A fault of the cluster loses nothing
kafka: {{bootstrap_servers: "{server}"}}
steady_state: {{loss: 0%}}
probe: {{rate: 20/s}}
phases: {{before: 1s, after: 1s}}
lease: 15s
allow: {{unknown_blast_radius: true, quorum: true, topics: ["*", "__*"], groups: [payments]}}
faults:
  - {fault}
    duration: {duration}
"""


def experiment(directory: Path, fault: str, duration: str) -> Path:
    """Write an experiment; `fault` is its entry, without the duration."""
    file = directory / "experiment.yml"
    file.write_text(EXPERIMENT.format(server=SERVER, fault=fault, duration=duration))
    return file


def started(
    cluster: SmallCluster, state: Path, directory: Path, fault: str, *words: str, more: str = ""
) -> subprocess.Popen[str]:
    """Start a run that holds the fault for long, and wait until its effect was seen.

    `more` stands at the end of its experiment.
    """
    file = experiment(directory, fault, "10m")
    file.write_text(file.read_text() + more)
    run = cluster.start(state, "run", file, "-i", cluster.inventory, "--yes", *words)
    wait_until(lambda: _has_effect(run, state), "the effect was seen")
    return run


def _has_effect(run: subprocess.Popen[str], state: Path) -> bool:
    assert run.poll() is None, run.communicate()
    found = list((state / "chaos-runner" / "runs").glob("*/journal.jsonl"))
    return bool(found) and '"fault_effect"' in found[0].read_text()


def kill(run: subprocess.Popen[str]) -> None:
    """End a run as nothing can be done about it."""
    run.send_signal(signal.SIGKILL)
    run.communicate(timeout=PATIENCE)


def journal(state: Path) -> Path:
    """Return the journal of the only run of a state directory."""
    (found,) = (state / "chaos-runner" / "runs").glob("*/journal.jsonl")
    return found


def events(state: Path, kind: str) -> list[dict[str, Any]]:
    """Return the events of a kind."""
    lines = map(json.loads, journal(state).read_text().splitlines())
    return [line for line in lines if line["event"] == kind]


def record(state: Path) -> Path:
    """Return the file with the undo."""
    (found,) = (state / "chaos-runner" / "cluster-faults").glob("*.json")
    return found


def holder(state: Path) -> int:
    """Return the process that holds the fault."""
    return int(json.loads(record(state).read_text())["holder"]["process"])
