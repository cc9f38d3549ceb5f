"""What was checked beside the probe, in the formats of other programs."""

from __future__ import annotations

import json

from junitparser import Failure, JUnitXml

from chaos_runner.report.exports.grafana import as_grafana
from chaos_runner.report.exports.junit import as_junit
from chaos_runner.report.exports.prometheus import as_prometheus
from tests.unit.report.charts.test_checks_shown import checked
from tests.unit.report.stories import story_of


def test_a_check_is_a_case_a_series_and_an_annotation() -> None:
    story = story_of(checked())
    failed = [
        case
        for suite in JUnitXml.fromstring(as_junit(story).encode())
        for case in suite
        if case.name == "check shop" and case.result
    ]
    assert [type(case.result[0]) for case in failed] == [Failure]
    assert "2 of 5 failed" in failed[0].result[0].message
    series = 'phase="during",check="shop",verdict="deviated"} 1'
    assert series in as_prometheus(story)
    texts = [each["text"] for each in json.loads(as_grafana(story)) if each["tags"][1] == "check"]
    assert texts == ["shop fails", "alert fires"]
