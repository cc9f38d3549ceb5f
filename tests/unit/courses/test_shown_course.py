"""A course in the plan, in the live display and in the reports."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from chaos_runner.analysis.moments import no_time
from chaos_runner.analysis.times import client_times
from chaos_runner.analysis.windows import normal_of, windows_of
from chaos_runner.cli.live.panel import render_panel
from chaos_runner.cli.live.state import LiveState
from chaos_runner.cli.plan import _as_text
from chaos_runner.cli.text.course import WIDTH
from chaos_runner.journal.events import (
    FaultApplied,
    FaultEffect,
    FaultReverted,
    HostVerified,
    Occurrence,
    PhaseStarted,
    RunFinished,
    Waiting,
)
from chaos_runner.measurements.series import Series
from chaos_runner.measurements.totals import add_totals
from chaos_runner.report.charts.timeline import timeline_of
from chaos_runner.report.rendering import as_html, as_markdown
from chaos_runner.report.story.model import RunStory
from chaos_runner.verdict.run_reason import RunReason
from tests.unit.analysis.seconds import moments, run_of
from tests.unit.planning.test_planner import planned
from tests.unit.report.journal_writer import BEFORE, JournalWriter, latency_fault, proof_of
from tests.unit.report.stories import story_of

ROLL = (
    "  - network_partition:\n    targets: {group: kafka_broker}\n"
    "    serial: 1\n    pause: 10s\n    duration: 30s\n"
)
PLAIN = "  - network_partition:\n    targets: {hosts: kafka-1}\n"


def test_a_plan_draws_what_is_on_when(tmp_path: Path) -> None:
    lines = _as_text(planned(tmp_path, ROLL)).splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith("  course "))
    assert lines[at].endswith("the last fault ends after 2m30s of `during` at the earliest")
    bars = lines[at + 1 : at + 5]
    assert [re.findall(r"[=.]{32}", line)[0].find("=") for line in bars] == [0, 8, 17, 25]
    assert all(len(line.split()[0]) == WIDTH for line in bars)
    assert bars[0].endswith("  0s to 30s       kafka-1: network_partition, batch 1 of 4")
    assert bars[1].endswith(
        "  40s to 1m10s    kafka-2: network_partition, batch 2 of 4, once the steady state is back"
    )
    assert any("for 30 s, from 40s on, batch 2 of 4, once" in line for line in lines)


def test_a_plan_without_a_course_draws_none(tmp_path: Path) -> None:
    assert "  course " not in _as_text(planned(tmp_path, PLAIN))


def test_commands_of_a_repeated_fault_are_shown_once(tmp_path: Path) -> None:
    text = _as_text(planned(tmp_path, f"{PLAIN}    repeat: {{times: 2, every: 1m}}\n"))
    assert "  on kafka-1: as the first time, under the name kabc_2" in text
    assert text.count("back on kafka-1, by whichever") == 1


def shown(state: LiveState) -> str:
    console = Console(width=120)
    with console.capture() as capture:
        console.print(render_panel(state, time.monotonic()))
    return capture.get()


def test_the_live_display_tells_what_is_on_and_what_comes_next(tmp_path: Path) -> None:
    state = LiveState(planned(tmp_path, ROLL))
    assert state.lengths["during"] == 150
    state.take(PhaseStarted(phase="during"))
    for number in (1, 2):
        fault, host = f"kabc_{number}", f"kafka-{number}"
        state.take(FaultApplied(fault=fault, host=host, lease=9, fingerprint="a"))
    state.take(Waiting(what="another look"))
    state.take(FaultEffect(fault="kabc_2", host="kafka-2", seen=True, readings=()))
    state.take(FaultReverted(fault="kabc_1", host="kafka-1", channel="ansible", clean=True))
    text = shown(state)
    assert "=>..  1 of 4 over" in text
    assert "on: kafka-2 network_partition" in text
    assert "next: kafka-3 network_partition, from 1m20s on, batch 3 of 4, once the steady" in text
    assert "waiting for" not in text
    assert "course" not in shown(LiveState(planned(tmp_path, PLAIN)))


def roll_that_stopped() -> RunStory:
    """Return the story of a roll over three hosts of which the last was not reached."""
    faults = [
        latency_fault(
            fault=f"k3f9a2c1_{number}",
            targets=[f"kafka-{number}"],
            control=[],
            start=20.0 * (number - 1),
            duration=10.0,
            occurrence=Occurrence(batch=number, batches=3, pause=5 if number > 1 else None),
            commands={},
        )
        for number in (1, 2, 3)
    ]
    journal = JournalWriter()
    journal.start(faults)
    journal.phase("before", 1.0)
    journal.phase("inject", 10.0)
    for number, on, off in ((1, 12.0, 23.0), (2, 34.0, 46.0)):
        fault, host = f"k3f9a2c1_{number}", f"kafka-{number}"
        journal.add(FaultApplied, on, fault=fault, host=host, lease=15, fingerprint=BEFORE)
        fields = {"channel": "ansible", "by": "revert", "held": off - on - 1, "clean": True}
        journal.add(FaultReverted, off, fault=fault, host=host, **fields)
        if number == 1:
            journal.phase("during", 13.0)
    journal.phase("roll-back", 50.0)
    for number in (1, 2, 3):
        proof = {**proof_of(BEFORE), "fault": f"k3f9a2c1_{number}"}
        proofs = [proof] if number < 3 else []
        host = f"kafka-{number}"
        journal.add(HostVerified, 55.0, host=host, state="clean", proofs=proofs)
    reason = RunReason(code="steady_state_not_back", host="kafka-2", seconds=60, count=1)
    journal.add(RunFinished, 60.0, verdict="deviated", exit_code=1, reasons=[reason])
    return story_of(journal)


def test_reports_tell_what_was_planned_and_what_came() -> None:
    story = roll_that_stopped()
    markdown = as_markdown(story)
    rows = [line for line in markdown.splitlines() if ", batch " in line]
    assert rows == [
        "| kafka-1 | delay 100ms to all peers, batch 1 of 3 | 0:00 to 0:10 of during | 0:12 | "
        "0:23 | 11 s |",
        "| kafka-2 | delay 100ms to all peers, batch 2 of 3 | 0:20 to 0:30 of during | 0:34 | "
        "0:46 | 12 s |",
        "| kafka-3 | delay 100ms to all peers, batch 3 of 3 | 0:40 to 0:50 of during | never "
        "put on | — | — |",
    ]
    html = as_html(story)
    assert "The course of the faults" in html
    assert "never put on" in html
    assert "he steady state did not come back within 60 s after the fault on kafka-2" in html
    assert (
        "kafka-1 and kafka-2 were slowed by 100 ms in 2 of 3 parts for 10 s each, at least, and "
        "came back clean"
    ) in story.summary


def test_a_report_without_a_course_has_no_table_of_it() -> None:
    journal = JournalWriter()
    journal.start([latency_fault()])
    assert "course of the faults" not in as_markdown(story_of(journal))
    assert "course of the faults" not in as_html(story_of(journal))


def test_faults_one_after_the_other_share_a_line_of_the_chart() -> None:
    timeline = timeline_of(roll_that_stopped())
    assert [fault.lane for fault in timeline.faults] == [1, 1]
    assert timeline.lanes == 1
    assert len(timeline.bands) == 2


def test_seconds_between_two_faults_are_no_failover() -> None:
    seconds = run_of("....." + "xxxxx" + "." * 15 + "xxxxx" + "." * 15)
    before = [each for each in seconds if each.second < 5]
    normal = normal_of(add_totals(before))
    assert normal is not None
    windows = windows_of(Series(seconds), normal)
    whole = moments(5, 40, None)
    outage = no_time("nothing_bad")
    found = client_times(windows, outage, whole).failover
    assert (found.seconds, found.censored) == (5.0, False)
    assert client_times(windows, outage, replace(whole, first_off=whole.on + 5)).failover.censored
