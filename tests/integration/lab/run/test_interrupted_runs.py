"""A run that is killed, interrupted or fails half-way leaves every host as it was."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from chaos_runner.journal.events import FaultApplied, FaultReverted, HostVerified, Interrupted
from tests.integration.conftest import COMMAND, chaos_runner
from tests.integration.lab.run.journals import events_of
from tests.integration.lab.run.test_three_faults import experiment_file
from tests.waiting import PATIENCE, wait_until

LEASE = 8
IN_MATRIX = pytest.mark.whole
"""For what the crash matrix, too, does to each kind of fault."""


@contextmanager
def running(file: Path, inventory: Path, runs: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Start a run and yield once its fault is on a host."""
    process = subprocess.Popen(
        [*COMMAND, "run", str(file), "-i", str(inventory), "--runs", str(runs)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_until(lambda: bool(applied(runs)), "the fault is on")
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


def journal_of(runs: Path) -> Path | None:
    return next(runs.glob("*/journal.jsonl"), None)


def applied(runs: Path) -> list[FaultApplied]:
    journal = journal_of(runs)
    return events_of(journal, FaultApplied) if journal else []


def is_clean(inventory: Path) -> bool:
    return chaos_runner("audit", "-i", inventory).code == 0


@IN_MATRIX
@pytest.mark.parametrize(
    "fault",
    ["network_partition: {}", "service_stop: {service: kafka}"],
    ids=["partition", "stop"],
)
def test_hosts_put_themselves_back_when_the_controller_is_killed(
    fault: str, tmp_path: Path, clean_hosts: Path
) -> None:
    file = experiment_file(tmp_path, fault, duration="120s", extra=f"lease: {LEASE}s\n")
    with running(file, clean_hosts, tmp_path) as process:
        assert not is_clean(clean_hosts)
        process.send_signal(signal.SIGKILL)
        process.wait()
        # The lease ends the fault; looking at every host takes a few seconds by itself.
        wait_until(lambda: is_clean(clean_hosts), "every host is clean by its lease", LEASE + 90)
    journal = journal_of(tmp_path)
    assert journal is not None
    assert events_of(journal, FaultReverted) == []
    everything = ("recover", "--all", "-i", clean_hosts, "--runs", tmp_path, "-o", "json")
    recovered = chaos_runner(*everything)
    assert recovered.code == 0
    told = events_of(journal.parent / "recovery-1.jsonl", HostVerified)
    assert [event.state for event in told] == ["clean"]
    run = journal.parent.name
    faults = [fault for host in recovered.json["hosts"] for fault in host["faults"]]  # type: ignore[attr-defined]
    assert [fault["by"] for fault in faults if fault["run"] == run] == ["lease"]
    report = chaos_runner("report", journal.parent.name, "--runs", tmp_path, "--format", "markdown")
    assert report.code == 0
    assert "recover" in report.stdout


@IN_MATRIX
@pytest.mark.parametrize("signals", [1, 2], ids=["once", "twice"])
def test_ctrl_c_rolls_back_before_it_ends(signals: int, tmp_path: Path, clean_hosts: Path) -> None:
    file = experiment_file(tmp_path, "network_partition: {}", duration="120s")
    with running(file, clean_hosts, tmp_path) as process:
        for _ in range(signals):
            os.kill(process.pid, signal.SIGINT)
            time.sleep(0.3)
        assert process.wait(timeout=PATIENCE) == 128 + signal.SIGINT
    journal = journal_of(tmp_path)
    assert journal is not None
    assert [event.signal for event in events_of(journal, Interrupted)] == ["SIGINT"]
    assert [event.state for event in events_of(journal, HostVerified)] == ["clean"]


@IN_MATRIX
def test_a_second_run_on_a_host_is_refused_and_told_whose_it_is(
    tmp_path: Path, clean_hosts: Path
) -> None:
    runs = tmp_path / "first"
    file = experiment_file(tmp_path, "network_partition: {}", duration="120s")
    with running(file, clean_hosts, runs) as process:
        second = chaos_runner("run", file, "-i", clean_hosts, "--runs", tmp_path / "second")
        assert second.code == 4, second.stdout + second.stderr
        journal = journal_of(runs)
        assert journal is not None
        assert journal.parent.name in second.stderr
        process.terminate()
        assert process.wait(timeout=PATIENCE) == 128 + signal.SIGTERM
