from __future__ import annotations

import json
from typing import Any

import pytest

from chaos_runner.report.exports.chaostoolkit import as_chaostoolkit
from tests.unit.report import journals
from tests.unit.report.stories import story_of


def journal_of(name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(as_chaostoolkit(story_of(getattr(journals, name)())))
    return document


@pytest.mark.parametrize(
    ("name", "status", "deviated"),
    [
        ("held", "completed", False),
        ("deviated", "completed", True),
        ("inconclusive", "failed", False),
        ("killed", "aborted", False),
    ],
)
def test_the_status_is_chaos_toolkits_own(name: str, status: str, deviated: bool) -> None:
    document = journal_of(name)
    assert (document["status"], document["deviated"]) == (status, deviated)


def test_the_steady_state_is_told_before_during_and_after() -> None:
    states = journal_of("deviated")["steady_states"]
    assert states["before"]["steady_state_met"] is True
    (during,) = states["during"]
    assert during["steady_state_met"] is False
    assert [
        (probe["activity"]["name"], probe["activity"]["tolerance"], probe["tolerance_met"])
        for probe in during["probes"]
    ] == [("loss", "at most 0%", True), ("ack p99", "at most 500ms", False)]
    assert journal_of("killed")["steady_states"]["after"]["steady_state_met"] is None


def test_faults_are_actions_that_are_rolled_back() -> None:
    document = journal_of("held")
    (action,) = document["run"]
    assert action["activity"]["name"] == "delay 100ms to all peers on kafka-4"
    assert (action["start"], action["end"]) == (
        "2026-11-23T14:45:35.400000",
        "2026-11-23T14:46:08.400000",
    )
    assert action["output"] == {"kafka-4": "round trip 101.3 ms (0.4 ms before)"}
    (rollback,) = document["rollbacks"]
    assert (rollback["status"], rollback["output"]) == ("succeeded", {"kafka-4": "clean"})
    assert journal_of("dirty")["rollbacks"][0]["status"] == "failed"


def test_no_markup_reaches_a_report_made_of_it() -> None:
    text = as_chaostoolkit(story_of(journals.hostile()))
    assert "<" not in text
    assert "&#91;a](b)" in text
    assert "\\u202e" not in text
