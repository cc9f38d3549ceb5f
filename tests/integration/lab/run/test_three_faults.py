"""Each fault on a real broker: applied, seen, judged, rolled back, proved clean."""

from __future__ import annotations

from pathlib import Path

import pytest

from chaos_runner.journal.events import (
    FaultEffect,
    FaultIntended,
    FaultReverted,
    HostVerified,
    PhaseStarted,
    ProbeFinished,
)
from tests.integration.conftest import chaos_runner
from tests.integration.lab.run.journals import events_of

PHASES = "phases: {before: 3s, after: 3s}\n"
FAULTS = {
    "network_latency": "network_latency: {delay: 100ms}",
    "network_partition": "network_partition: {}",
    "service_stop": "service_stop: {service: kafka}",
}


def experiment_file(directory: Path, fault: str, duration: str = "8s", extra: str = "") -> Path:
    """Write an experiment; network_latency finds its host by capability, the others name one."""
    targets = "group: kafka_broker, count: 1" if "latency" in fault else "hosts: kafka-2"
    file = directory / "experiment.yml"
    file.write_text(
        "title: A fault of the test\nsteady_state: {loss: 0%}\n"
        f"{PHASES}{extra}faults:\n  - {fault}\n"
        f"    targets: {{{targets}}}\n"
        f"    duration: {duration}\n",
        encoding="utf-8",
    )
    return file


IN_OTHERS = pytest.mark.whole  # test_course.py cuts hosts off and stops services, too


@pytest.mark.parametrize(
    "kind",
    [pytest.param(kind, marks=() if "latency" in kind else IN_OTHERS) for kind in FAULTS],
)
def test_a_fault_bites_and_goes_without_a_trace(
    kind: str, tmp_path: Path, clean_hosts: Path
) -> None:
    # The emulated host may take seconds to answer: its lease, no longer than the fault, must not
    # run out between two renewals, or the host itself is the first to take the fault back.
    seconds = 20 if kind == "network_latency" else 8
    file = experiment_file(tmp_path, FAULTS[kind], f"{seconds}s")
    done = chaos_runner("run", file, "-i", clean_hosts, "--runs", tmp_path, "-o", "json")
    assert done.code == 0, done.stdout + done.stderr
    result = done.json
    assert result["verdict"] == "held"
    assert [host["state"] for host in result["hosts"]] == ["clean"]  # type: ignore[attr-defined]
    journal = str(result["journal"])
    assert [effect.seen for effect in events_of(journal, FaultEffect)] == [True]
    (reverted,) = events_of(journal, FaultReverted)
    assert reverted.channel in ("ansible", "ssh")
    assert reverted.clean
    # By the host's own record it was on for its whole duration.
    (intended,) = events_of(journal, FaultIntended)
    assert reverted.by == "revert"
    assert reverted.held is not None
    assert seconds - 1 <= reverted.held <= reverted.elapsed - intended.elapsed + 1
    (verified,) = events_of(journal, HostVerified)
    assert verified.proofs
    assert all(each.fingerprint_before == each.fingerprint_after != "" for each in verified.proofs)
    (account,) = events_of(journal, ProbeFinished)
    assert account.complete
    assert sum(totals.lost for totals in account.totals.values()) == 0
    assert account.totals["during"].acked > 0
    phases = [event.phase for event in events_of(journal, PhaseStarted)]
    assert phases.index("before") < phases.index("inject") < phases.index("roll-back")
    assert Path(str(result["report"])).read_text(encoding="utf-8").startswith("<!doctype html>")


def test_the_audit_finds_nothing_between_runs(lab: Path) -> None:
    done = chaos_runner("audit", "-i", lab, "-o", "json")
    assert done.code == 0, done.stdout
    assert {host["state"] for host in done.json["hosts"]} == {"clean"}  # type: ignore[attr-defined]


@pytest.mark.whole  # test_course.py has more of them, each in its time
def test_two_faults_on_one_host_end_each_in_its_time(tmp_path: Path, clean_hosts: Path) -> None:
    file = tmp_path / "experiment.yml"
    file.write_text(
        f"title: Two at once\nsteady_state: {{loss: 0%}}\n{PHASES}faults:\n"
        "  - network_partition: {peers: [kafka-1], ports: [9092]}\n"
        "    targets: {hosts: kafka-3}\n    duration: 5s\n"
        "  - service_stop: {service: kafka}\n"
        "    targets: {hosts: kafka-3}\n    duration: 12s\n",
        encoding="utf-8",
    )
    done = chaos_runner("run", file, "-i", clean_hosts, "--runs", tmp_path, "-o", "json")
    assert done.code == 0, done.stdout + done.stderr
    journal = str(done.json["journal"])
    first, second = events_of(journal, FaultReverted)
    assert (first.fault[-2:], second.fault[-2:]) == ("_1", "_2")
    assert first.clean
    assert second.clean
    assert second.elapsed - first.elapsed > 3
    assert [event.state for event in events_of(journal, HostVerified)] == ["clean"]
