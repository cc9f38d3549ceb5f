from __future__ import annotations

import json
from typing import Any

from chaos_runner.report.exports.grafana import as_grafana
from tests.unit.report import journals
from tests.unit.report.charts.test_cluster_shown import cluster_run
from tests.unit.report.journal_writer import RUN, JournalWriter
from tests.unit.report.stories import story_of

START = 1795445100000  # 2026-11-23 14:45:00 UTC, in milliseconds


def annotations_of(journal: JournalWriter, kind: str) -> list[dict[str, Any]]:
    return [each for each in json.loads(as_grafana(story_of(journal))) if each["tags"][1] == kind]


def test_the_run_its_phases_and_its_faults_are_regions() -> None:
    (run,) = annotations_of(journals.deviated(), "run")
    assert (run["time"], run["timeEnd"]) == (START, START + 93_200)
    assert run["tags"] == ["chaos-runner", "run", RUN, "latency", "weekly"]
    assert run["text"].startswith("A slow broker loses nothing: Deviated")
    phases = annotations_of(journals.deviated(), "phase")
    assert [each["text"] for each in phases][:3] == [
        "phase preflight",
        "phase warm-up",
        "phase before",
    ]
    (fault,) = annotations_of(journals.deviated(), "fault")
    assert (fault["time"], fault["timeEnd"]) == (START + 35_400, START + 68_400)
    assert fault["text"] == "delay 100ms to all peers on kafka-4"


def test_safeguards_notices_and_moves_of_leaders_are_moments() -> None:
    (safeguard,) = annotations_of(journals.deviated(), "safeguard")
    assert safeguard["time"] == safeguard["timeEnd"] == START + 65_000
    assert "availability at least 90%" in safeguard["text"]
    (notice,) = annotations_of(journals.inconclusive(), "notice")
    assert "no metadata for 10 s" in notice["text"]
    leaders = annotations_of(cluster_run(), "leaders")
    assert leaders
    assert all("another leader" in each["text"] for each in leaders)


def test_the_end_of_a_fault_that_was_not_seen_is_said() -> None:
    (fault,) = annotations_of(journals.killed(), "fault")
    assert fault["text"].endswith("(its end was not seen)")


def test_grafana_gets_no_html() -> None:
    text = as_grafana(story_of(journals.hostile()))
    assert "<" not in "".join(each["text"] for each in json.loads(text))
    assert "\\u202e" not in text
