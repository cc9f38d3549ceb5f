from __future__ import annotations

import re
from pathlib import Path

import pytest

from chaos_runner.report.exports.prometheus import METRICS, as_prometheus
from tests.unit.report import journals
from tests.unit.report.journal_writer import JournalWriter
from tests.unit.report.outages import outage
from tests.unit.report.stories import story_of

EXPERIMENT = 'experiment="A slow broker loses nothing"'
REFERENCE = Path(__file__).resolve().parents[4] / "docs" / "reference" / "report-formats.md"


def samples_of(journal: JournalWriter) -> dict[str, float]:
    lines = as_prometheus(story_of(journal)).splitlines()
    pairs = [line.rsplit(" ", 1) for line in lines if not line.startswith("#")]
    assert len(dict(pairs)) == len(pairs)
    return {series: float(value) for series, value in pairs}


def test_the_verdict_the_tolerances_and_the_hosts_have_series() -> None:
    samples = samples_of(journals.deviated())
    for series, value in {
        f'chaos_runner_run_verdict{{{EXPERIMENT},verdict="deviated"}}': 1,
        f'chaos_runner_run_verdict{{{EXPERIMENT},verdict="held"}}': 0,
        f'chaos_runner_tolerance_verdict{{{EXPERIMENT},phase="during",tolerance="ack_p99",'
        'verdict="deviated"}': 1,
        f'chaos_runner_tolerance_observed{{{EXPERIMENT},phase="during",tolerance="ack_p99",'
        'unit="seconds",bound="exact"}': 0.64,
        f'chaos_runner_records{{{EXPERIMENT},phase="during",outcome="lost"}}': 5,
        f'chaos_runner_host_state{{{EXPERIMENT},host="kafka-4",state="clean"}}': 1,
        f"chaos_runner_safeguards_tripped{{{EXPERIMENT}}}": 1,
        f"chaos_runner_run_exit_code{{{EXPERIMENT}}}": 1,
    }.items():
        assert samples[series] == pytest.approx(value), series


def test_the_runs_id_is_a_label_of_one_metric_alone() -> None:
    named = [series for series in samples_of(journals.held()) if "20261123-144500" in series]
    assert [series.partition("{")[0] for series in named] == ["chaos_runner_run_info"]


def test_times_of_an_outage_are_seconds_and_say_whether_their_end_was_seen() -> None:
    times = {
        series.partition("{")[0]: re.findall(r'bound="(\w+)"', series)
        for series in samples_of(outage())
        if "_client_" in series
    }
    assert times["chaos_runner_client_detect_seconds"] == ["exact"]
    assert "chaos_runner_client_outage_seconds" in times


def test_a_run_that_broke_off_is_unfinished_and_has_no_exit_code() -> None:
    samples = samples_of(journals.killed())
    assert samples[f'chaos_runner_run_verdict{{{EXPERIMENT},verdict="unfinished"}}'] == 1
    assert not any(series.startswith("chaos_runner_run_exit_code") for series in samples)


def test_a_label_cannot_end_its_own_quotes() -> None:
    journal = JournalWriter()
    journal.start([], title='a"} 1\nup{x="\\', owner="\x1b[2J\u202e")
    lines = as_prometheus(story_of(journal)).splitlines()
    assert all(line.startswith(("#", "chaos_runner_")) for line in lines)
    assert r'experiment="a\"} 1\nup{x=\"\\"' in lines[2]
    assert 'owner="[2J"' in lines[2]


def test_every_metric_is_in_the_reference() -> None:
    text = REFERENCE.read_text(encoding="utf-8")
    assert [metric.name for metric in METRICS if f"`{metric.name}`" not in text] == []
