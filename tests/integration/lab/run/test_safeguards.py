"""A safeguard that trips while a host still keeps the injection waiting ends the run."""

from __future__ import annotations

import subprocess
from pathlib import Path

from chaos_runner.journal.events import (
    FaultFailed,
    FaultIntended,
    HostVerified,
    PhaseStarted,
    RunFinished,
    SafeguardTripped,
)
from chaos_runner.wording.safeguards import seen_words
from tests.integration.conftest import COMMAND, set_link
from tests.integration.lab.run.journals import events_of
from tests.integration.lab.run.test_interrupted_runs import journal_of
from tests.waiting import PATIENCE, wait_until

SILENT = "kafka-3"
EXPERIMENT = f"""\
title: A safeguard trips while faults are injected
steady_state: {{loss: 0%, offline_partitions: 0}}
lease: 10s
phases: {{before: 3s, after: 1s, recovery: 30s}}
allow: {{unknown_blast_radius: true, quorum: true, topics: ["__consumer_offsets"]}}
faults:
  - network_partition: {{ports: [9]}}
    targets: {{hosts: "kafka-1:{SILENT}"}}
    duration: 60s
safeguards:
  - command: [test, "!", -e, trip]
    interval: 1s
    hold: 1s
"""


def phases(runs: Path) -> list[str]:
    journal = journal_of(runs)
    return [event.phase for event in events_of(journal, PhaseStarted)] if journal else []


def intended(runs: Path) -> set[str]:
    """Return the hosts whose fault is about to be put on."""
    journal = journal_of(runs)
    return {event.host for event in events_of(journal, FaultIntended)} if journal else set()


def test_a_guard_trips_while_a_host_keeps_the_injection_waiting(
    tmp_path: Path, clean_hosts: Path
) -> None:
    file = tmp_path / "experiment.yml"
    file.write_text(EXPERIMENT, encoding="utf-8")
    process = subprocess.Popen(
        [*COMMAND, "run", str(file), "-i", str(clean_hosts), "--runs", str(tmp_path), "--trust"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_until(lambda: SILENT in intended(tmp_path), "faults are injected")
        set_link(SILENT, "down")
        (tmp_path / "trip").touch()
        wait_until(lambda: "roll-back" in phases(tmp_path), "the roll-back begins")
        set_link(SILENT, "up")
        code = process.wait(PATIENCE)
    finally:
        set_link(SILENT, "up")
        if process.poll() is None:
            process.kill()
        process.wait()

    journal = journal_of(tmp_path)
    assert journal is not None
    assert code == 1, events_of(journal, RunFinished)
    (tripped,) = events_of(journal, SafeguardTripped)
    assert seen_words(tripped.observed) == "exit code 1"
    assert "during" not in phases(tmp_path)
    assert SILENT in {event.host for event in events_of(journal, FaultFailed)}
    assert {event.state for event in events_of(journal, HostVerified)} == {"clean"}
