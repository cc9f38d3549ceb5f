"""What breaks while hosts are touched does not keep them from coming back."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from chaos_runner.journal.events import FaultApplied, FaultFailed, HostVerified
from tests.integration.conftest import chaos_runner
from tests.integration.lab.run.journals import events_of
from tests.integration.lab.run.test_interrupted_runs import journal_of, running
from tests.integration.lab.run.test_three_faults import PHASES, experiment_file
from tests.waiting import PATIENCE

UNIT = "/etc/systemd/system/one-refuses.service"
SERVICE = "[Service]\\nExecStart=/bin/sleep infinity\\n"


@pytest.fixture
def refusing_unit(on_host: Callable[..., str]) -> Iterator[str]:
    """Install a service on two hosts, which systemd stops for nobody on kafka-2."""
    texts = {"kafka-1": SERVICE, "kafka-2": f"[Unit]\\nRefuseManualStop=yes\\n{SERVICE}"}
    for host, text in texts.items():
        start = "sudo systemctl daemon-reload && sudo systemctl start one-refuses"
        on_host(host, f"printf '{text}' | sudo tee {UNIT} && {start}")
    yield "one-refuses"
    for host in texts:
        on_host(
            host, f"sudo systemctl kill one-refuses; sudo rm {UNIT}; sudo systemctl daemon-reload"
        )


def test_a_fault_that_fails_on_one_of_two_hosts_is_taken_back_on_both(
    refusing_unit: str, tmp_path: Path, clean_hosts: Path, on_host: Callable[..., str]
) -> None:
    file = tmp_path / "experiment.yml"
    file.write_text(
        f"title: Half of it\n{PHASES}faults:\n  - service_stop: {{service: {refusing_unit}}}\n"
        "    targets: {hosts: 'kafka-1:kafka-2'}\n    duration: 5s\n"
    )
    done = chaos_runner("run", file, "-i", clean_hosts, "--runs", tmp_path, "-o", "json")
    assert done.code == 5, done.stdout + done.stderr
    journal = str(done.json["journal"])
    assert [event.host for event in events_of(journal, FaultApplied)] == ["kafka-1"]
    (failed,) = events_of(journal, FaultFailed)
    assert failed.host == "kafka-2"
    assert refusing_unit in failed.message
    assert {event.state for event in events_of(journal, HostVerified)} == {"clean"}
    assert on_host("kafka-1", f"systemctl is-active {refusing_unit}").strip() == "active"


def probe_of(run: int) -> int:
    """Return the process id of a run's probe, its child that is started as a module."""
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            parent = (entry / "stat").read_text().rpartition(") ")[2].split()[1]
            command = (entry / "cmdline").read_bytes()
        except OSError:
            continue
        if int(parent) == run and b"chaos_runner.kafka.probe.probe" in command:
            return int(entry.name)
    raise AssertionError("the run has no probe")


def test_a_probe_that_dies_ends_the_fault(tmp_path: Path, clean_hosts: Path) -> None:
    file = experiment_file(tmp_path, "network_partition: {}", duration="120s")
    with running(file, clean_hosts, tmp_path) as process:
        os.kill(probe_of(process.pid), signal.SIGKILL)
        assert process.wait(timeout=PATIENCE) == 3
    journal = journal_of(tmp_path)
    assert journal is not None
    assert [event.state for event in events_of(journal, HostVerified)] == ["clean"]
