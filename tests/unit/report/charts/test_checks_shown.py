"""Checks in the report: a row each, who noticed first, and each change in the chronicle."""

from __future__ import annotations

from pathlib import Path

from chaos_runner.cli.live.state import LiveState
from chaos_runner.journal.events import CheckAnswered, PhaseJudged
from chaos_runner.report.charts.timeline import timeline_of
from chaos_runner.report.rendering import as_html, as_markdown
from chaos_runner.report.tables.check_table import check_rows, noticed
from chaos_runner.verdict.answer import Answer
from chaos_runner.verdict.checks import CheckJudgement
from tests.unit.cli.test_live_increments import panel_of
from tests.unit.planning.test_planner import planned
from tests.unit.report.journal_writer import JournalWriter
from tests.unit.report.journals import HOSTILE
from tests.unit.report.outages import outage
from tests.unit.report.stories import story_of

FAILED = Answer(how="status", code=503, verdict="deviated", seconds=0.012)
FINE = Answer(how="status", code=200, verdict="held", seconds=0.012)
FIRES = Answer(how="alerts", count=1, verdict="held")
SILENT = Answer(how="alerts", verdict="held")


def checked(name: str = "shop") -> JournalWriter:
    """Write a run whose shop failed while the fault was on, and whose alert fired."""
    journal = outage()
    for elapsed, answer in enumerate((FINE, FINE, FAILED, FAILED, FINE), start=31):
        said = {"check": name, "phase": "during", "asked": float(elapsed), "answer": answer}
        journal.add(CheckAnswered, float(elapsed), **said)
    for elapsed, answer in enumerate((SILENT, SILENT, FIRES, FIRES), start=31):
        said = {"check": "alert", "phase": "during", "asked": float(elapsed), "answer": answer}
        journal.add(CheckAnswered, float(elapsed), **said)
    during = CheckJudgement(
        check=name, expected="GET x", answers=5, failed=2, worst=FAILED, verdict="deviated"
    )
    alert = CheckJudgement(
        check="alert",
        expected="alert fires",
        answers=4,
        failed=0,
        worst=FIRES,
        noticed=12.3,
        notice_within=60,
        verdict="held",
    )
    before = CheckJudgement(
        check=name, expected="GET x", answers=5, failed=0, worst=FINE, verdict="held"
    )
    for phase, verdict, checks in (
        ("before", "held", [before]),
        ("during", "deviated", [during, alert]),
    ):
        journal.add(PhaseJudged, 90.0, phase=phase, verdict=verdict, judgements=[], checks=checks)
    return journal


def test_each_check_is_a_row() -> None:
    story = story_of(checked())
    rows = {row.check: row for row in check_rows(story)}
    assert list(rows) == ["shop", "alert"]
    for text in (as_html(story), as_markdown(story)):
        assert "2 of 5 failed, last: status 503 in 12ms" in text
        assert "fired after 12.3 s" in text
    assert "During: shop: 2 of 5 failed" in "".join(remark.text for remark in story.remarks)


def test_who_noticed_first() -> None:
    alert, clients = noticed(story_of(checked()))
    assert alert == "alert: fired 12.3 s after the first fault was on"
    assert clients.startswith("Clients: noticed after ")


def test_the_chronicle_has_what_changed() -> None:
    story = story_of(checked())
    said = [entry.text for entry in story.chronicle if entry.event == "check_answered"]
    assert said == [
        "check shop: status 200 in 12ms",
        "check alert: does not fire",
        "check shop: status 503 in 12ms",
        "check alert: fires",
        "check shop: status 200 in 12ms",
    ]


def test_the_timeline_has_when_a_check_failed_and_an_alert_fired() -> None:
    story = story_of(checked())
    assert [(span.check, span.start, span.end, span.fires) for span in story.check_spans] == [
        ("shop", 33.0, 35.0, False),
        ("alert", 33.0, None, True),
    ]
    shop, alert = timeline_of(story).checks
    assert shop[0].tip.startswith("shop fails from ")
    assert (alert[0].wide, alert[0].style) == ("alert fires", "fires")
    assert "shop fails from " in as_html(story)


def test_a_name_of_a_stranger_is_text() -> None:
    story = story_of(checked(HOSTILE))
    assert "<script>alert" not in as_html(story)


def test_the_live_display_shows_each_check_and_prints_what_changes(tmp_path: Path) -> None:
    fault = "  - network_partition:\n    targets: {hosts: kafka-1}\n"
    state = LiveState(planned(tmp_path, fault))
    printed = [
        state.take(CheckAnswered(check="[shop]", phase="during", asked=1.0, answer=answer))
        for answer in (FINE, FINE, FAILED, FAILED, FINE)
    ]
    assert [bool(line) for line in printed] == [False, False, True, False, True]
    assert "status 503" in printed[2]
    assert "[shop]: status 200 in 12ms" in panel_of(state)
