"""A whole run by the public Python functions alone: planned, executed, read, recovered, clean."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.integration.lab.run.test_three_faults import experiment_file
from tests.waiting import PATIENCE

PROGRAM = """\
import json, sys
from pathlib import Path

import chaos_runner

experiment, inventory, runs = map(Path, sys.argv[1:])
plan = chaos_runner.plan(experiment, [inventory])
events = []
outcome = chaos_runner.run(plan, runs, lambda event: events.append(event.event))
story = chaos_runner.read_run(outcome.journal)
recovered = chaos_runner.recover([inventory], runs, run=outcome.run)
said = {
    "verdict": outcome.verdict,
    "read": story.verdict,
    "states": [host.state for host in recovered.hosts],
    "clean": recovered.clean,
    "events": sorted(set(events)),
}
print(json.dumps(said))
"""


def test_a_program_plans_runs_reads_and_recovers(tmp_path: Path, clean_hosts: Path) -> None:
    """In a process of its own, which it moves into the lab's network namespace."""
    file = experiment_file(tmp_path, "network_partition: {}")
    command = [sys.executable, "-c", PROGRAM, str(file), str(clean_hosts), str(tmp_path / "runs")]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=PATIENCE * 3, check=False
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout.splitlines()[-1])
    assert said["verdict"] == said["read"] == "held"
    assert said["clean"] and set(said["states"]) == {"clean"}  # every host of the inventory
    assert {"fault_applied", "fault_reverted", "run_finished"} <= set(said["events"])
