"""A course on real brokers: one fault after the other, rolling over hosts, each in its time."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from chaos_runner.journal.events import (
    FaultApplied,
    FaultEffect,
    FaultReverted,
    HostVerified,
    LeaseRenewed,
    PhaseStarted,
    RunStarted,
)
from tests.integration.conftest import chaos_runner
from tests.integration.lab.run.journals import events_of
from tests.integration.lab.run.test_interrupted_runs import applied, is_clean, journal_of, running
from tests.waiting import wait_until

COURSE = """\
title: A broker is cut off, and then two are restarted one after the other
steady_state: {loss: 0%}
phases: {before: 5s, after: 3s, recovery: 2m}
faults:
  - network_partition: {peers: [kafka-1], ports: [9092]}
    targets: {hosts: kafka-3}
    duration: 6s
  - service_stop: {service: kafka}
    targets: {hosts: "kafka-2:kafka-3"}
    start: 8s
    duration: 6s
    serial: 1
    pause: 2s
"""


def test_a_course_comes_in_its_turn_and_leaves_every_host_clean(
    tmp_path: Path, clean_hosts: Path
) -> None:
    file = tmp_path / "course.yml"
    file.write_text(COURSE, encoding="utf-8")
    done = chaos_runner("run", file, "-i", clean_hosts, "--runs", tmp_path, "-o", "json")
    assert done.code == 0, done.stdout + done.stderr
    assert done.json["verdict"] == "held"
    assert [host["state"] for host in done.json["hosts"]] == ["clean"] * 2  # type: ignore[attr-defined]
    journal = str(done.json["journal"])
    (started,) = events_of(journal, RunStarted)
    assert [(fault.targets, fault.start) for fault in started.faults] == [
        (["kafka-3"], 0.0),
        (["kafka-2"], 8.0),
        (["kafka-3"], 16.0),
    ]
    applied = events_of(journal, FaultApplied)
    reverted = events_of(journal, FaultReverted)
    order = [fault.fault for fault in started.faults]
    assert [event.fault for event in applied] == [event.fault for event in reverted] == order
    assert [event.seen for event in events_of(journal, FaultEffect)] == [True] * 3
    for off in reverted:
        assert off.by == "revert"
        assert off.clean
        assert off.held is not None
        assert off.held >= 5
    (during,) = (event for event in events_of(journal, PhaseStarted) if event.phase == "during")
    assert applied[1].elapsed - during.elapsed >= 8
    # None comes before the one before it is off; a batch not before ten good seconds.
    assert applied[1].elapsed > reverted[0].elapsed
    assert applied[2].elapsed - reverted[1].elapsed >= 10
    # A host between two faults, or before its first, has no lease that could be missed.
    renewed = events_of(journal, LeaseRenewed)
    assert {host for event in renewed for host in event.hosts} == {"kafka-2", "kafka-3"}
    verified = events_of(journal, HostVerified)
    assert {event.host: len(event.proofs) for event in verified} == {"kafka-2": 1, "kafka-3": 2}
    for event in verified:
        assert all(each.fingerprint_before == each.fingerprint_after != "" for each in event.proofs)
    report = Path(str(done.json["report"])).read_text(encoding="utf-8")
    assert "The course of the faults" in report
    assert "batch 2 of 2" in report


@pytest.mark.whole
def test_a_course_that_dies_in_its_midst_leaves_no_fault(tmp_path: Path, clean_hosts: Path) -> None:
    cut = "  - network_partition: {peers: [kafka-1], ports: [9092]}\n    targets: {hosts: %s}\n"
    file = tmp_path / "course.yml"
    file.write_text(
        "title: One cut after the other\nlease: 8s\nphases: {before: 3s}\nfaults:\n"
        + cut % "kafka-3"
        + "    duration: 4s\n"
        + cut % "kafka-2"
        + "    start: 5s\n    duration: 2m\n",
        encoding="utf-8",
    )
    with running(file, clean_hosts, tmp_path) as process:
        wait_until(lambda: len(applied(tmp_path)) == 2, "the second fault is on")
        process.send_signal(signal.SIGKILL)
        process.wait()
        wait_until(lambda: is_clean(clean_hosts), "every host is clean by its lease", 98)
    journal = journal_of(tmp_path)
    assert journal is not None
    run, runs = journal.parent.name, tmp_path
    recovered = chaos_runner("recover", run, "-i", clean_hosts, "--runs", runs, "-o", "json")
    assert recovered.code == 0, recovered.stdout + recovered.stderr
    told = journal.parent / "recovery-1.jsonl"
    ended = {event.fault[-1]: (event.host, event.by) for event in events_of(told, FaultReverted)}
    assert ended == {"1": ("kafka-3", "revert"), "2": ("kafka-2", "lease")}
    assert {event.state for event in events_of(told, HostVerified)} == {"clean"}
