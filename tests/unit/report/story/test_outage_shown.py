"""The outage in every form of the report."""

from __future__ import annotations

import json

import pytest

from chaos_runner.measurements.exposure import Exposure
from chaos_runner.report.rendering import as_html, as_json, as_markdown
from tests.unit.report.outages import outage
from tests.unit.report.stories import story_of
from tests.unit.report.test_html import Page


def test_the_page_shows_the_outage() -> None:
    text = Page(as_html(story_of(outage()))).text
    for words in (
        "clients had 11 bad seconds and were back to normal by the end of the roll-back",
        "The fault cost partitions led by a target 35 percentage points of availability",
        "Seen by clients of the profile tuned with acks=all and socket.timeout.ms=6000",
        "Indeterminate 260 the client got an error",
        "Led by a target 1 partition: 3 before 100.0 %",
        "Recovered verified roll-back to good again 0 s 0 s 0 s 0 s 4.3 s replicas in sync",
        "end-to-end p99 at most 100 ms",
        "partition 3, led by a target 11 s, from 0:35 into the run",
        "Availability by group",
        "Ack p99 by group",
    ):
        assert words in text


def test_the_page_says_why_there_is_no_control_group() -> None:
    text = Page(as_html(story_of(outage(control=False)))).text
    assert "There is no control group: with 3 brokers and 3 replicas" in text


def test_each_group_has_a_curve_in_the_shaded_window() -> None:
    html = as_html(story_of(outage()))
    for name in (Exposure.LEADER, Exposure.FOLLOWER, Exposure.NONE):
        assert html.count(f'<path class="curve group-{name}" d="M') == 2
    assert html.count('class="band"') == 6


@pytest.mark.parametrize("control", [True, False])
def test_the_markdown_shows_the_outage(control: bool) -> None:
    text = as_markdown(story_of(outage(control=control)))
    lines = text.splitlines()
    assert "## What clients really lost" in lines
    assert "| Recovered: verified roll-back to good again | 0 s |" in text
    assert any(line.startswith("| Led by a target | during | 65.3 % |") for line in lines)


def test_the_json_has_times_with_their_unit_and_doubt() -> None:
    whole = json.loads(as_json(story_of(outage())))
    document = whole["clients"]
    assert document["times"]["outage"] == {
        "seconds": 11.2,
        "censored": False,
        "reason": {
            "code": "outage_of_partition",
            "count": 0,
            "of": 0,
            "names": [],
            "partition": 3,
            "counts": {},
            "detail": "",
        },
    }
    assert document["groups"][0]["effect"]["availability"]["change"] == pytest.approx(
        -34.67, abs=0.01
    )
    assert whole["ledger"]["anomalies"]["reader_missed"] == 2
