"""`gameday check`: what stands against a day, whom it affects, the run sheet, the announcement."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from chaos_runner.blast_radius.blast_radius import BlastRadius, TopicHarm
from chaos_runner.cli.main import app
from chaos_runner.errors import RefusedError, UsageError
from chaos_runner.gameday.readiness import remarks_on
from chaos_runner.gameday.run_sheet import PlannedItem, announcement, radius_of_day, run_sheet
from chaos_runner.gameday.timetable import length_of, timetable
from tests.unit.gameday.days import DAY, HOSTILE, loaded_day, written_day

BEFORE = datetime(2027, 2, 1, 12, tzinfo=UTC)
PLANNED = PlannedItem(
    faults=("service_stop, stop kafka",),
    targets=("kafka-1",),
    radius=BlastRadius(
        gone=["kafka-1"],
        topics=[TopicHarm(topic="orders", on_targets=3, offline=1)],
        stuck_groups=["payments"],
    ),
    end_of_faults=20.0,
)
OTHER = PlannedItem(
    faults=("network_latency, delay 100ms",),
    targets=("kafka-1", "kafka-2"),
    radius=BlastRadius(at_risk=["kafka-2"], unknown="nobody answers"),
    end_of_faults=30.0,
)


def remarks(directory: Path, text: str = DAY, now: datetime = BEFORE) -> list[tuple[str, str]]:
    loaded = loaded_day(directory, text)
    return [(each.level, each.text) for each in remarks_on(loaded, timetable(loaded, {}), now)]


def test_a_whole_day_has_nothing_against_it(tmp_path: Path) -> None:
    assert remarks(tmp_path) == []


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("role: facilitator", "role: observer", ("problem", "nobody is the facilitator")),
        ("role: scribe", "role: observer", ("warning", "nobody is the scribe")),
        (", may_abort: true", "", ("problem", "nobody may abort")),
        (', contact: "17"', "", ("warning", "nobody who may abort has a `contact`")),
        ("date: 2027-03-09", "date: 2027-03-13", ("warning", "2027-03-13 is a Saturday")),
        ("day: 2027-03-02", "day: 2027-03-10", ("problem", "after the day")),
        (
            "announcements: [{to: Payments, day: 2027-03-02}]",
            "",
            ("warning", "announced to nobody"),
        ),
        ("briefing: Hello", "briefing: Hello\n    takes: 6h", ("problem", "may last until 16:")),
        ("  - debriefing: So?\n", "", ("warning", "the agenda has no debriefing")),
        ("    expected: Leaders move\n", "", ("warning", "a.yml: write `expected`")),
        ("date: 2027-03-09", "date: 2027-01-11", ("problem", "2027-01-11 is over")),
    ],
)
def test_what_stands_against_a_day_is_told(
    old: str, new: str, told: tuple[str, str], tmp_path: Path
) -> None:
    found = remarks(tmp_path, DAY.replace(old, new))
    assert any(level == told[0] and told[1] in text for level, text in found), found


@pytest.mark.parametrize(
    ("windows", "told"),
    [
        ("weekdays: [wed]", "a.yml: it would begin on tue at 10:15, outside the hours"),
        ('hours: ["09:00-10:19"]', "a.yml: it would still be on on tue at 10:19, outside"),
        ('hours: ["10:10-10:20"]', "b.yml: it would begin on tue at 10:20"),
        ("freezes: [{first_day: 2027-03-01, last_day: 2027-03-09, reason: x}]", "frozen: x"),
        ("calendar: freeze.ics", "a.yml: the calendar has `Release`"),
    ],
)
def test_windows_keep_experiments_away(windows: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "freeze.ics").write_text(CALENDAR)
    found = remarks(tmp_path, f"{DAY}windows: {{{windows}}}\n")
    assert any(level == "problem" and told in text for level, text in found), found


def test_a_holiday_keeps_all_away(tmp_path: Path) -> None:
    text = DAY.replace("date: 2027-03-09", "date: 2027-12-08")  # the Immaculate Conception
    assert remarks(tmp_path, text) == []
    found = remarks(tmp_path, f"{text}windows: {{holidays: [{{country: AT}}]}}\n")
    assert [each.partition(": ")[0] for _, each in found] == ["a.yml", "b.yml"]
    assert all("is a holiday in AT" in each for _, each in found)


def test_a_calendar_that_cannot_be_read_is_a_mistake_of_the_day(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="gone"):
        loaded_day(tmp_path, f"{DAY}windows: {{calendar: gone.ics}}\n")


CALENDAR = """\
BEGIN:VCALENDAR
BEGIN:VEVENT
SUMMARY:Release
DTSTART:20270309T100000Z
DTEND:20270309T101600Z
END:VEVENT
END:VCALENDAR
"""


def test_somebody_who_was_to_be_told_is_asked_about(tmp_path: Path) -> None:
    [(level, text)] = remarks(tmp_path, now=datetime(2027, 3, 5, tzinfo=UTC))
    assert (level, "see that it was so" in text) == ("warning", True)


def test_times_add_up_at_their_longest(tmp_path: Path) -> None:
    loaded = loaded_day(tmp_path)
    experiment = loaded.experiments[0][0]
    assert length_of(experiment) == 120 + 10 + 20 + 60 + 10 + 60
    assert length_of(experiment, 50.0) == length_of(experiment) + 30
    begins = [f"{slot.begins:%H:%M:%S}" for slot in timetable(loaded, {2: 50.0})]
    assert begins == ["10:00:00", "10:15:00", "10:20:10", "10:21:10", "10:25:50"]


def test_the_radius_of_a_day_names_each_once() -> None:
    radius = radius_of_day({2: PLANNED, 4: OTHER})
    assert radius.targets == ["kafka-1", "kafka-2"]
    assert (radius.gone, radius.at_risk) == (["kafka-1"], ["kafka-2"])
    assert (radius.harmed_topics, radius.groups) == (["orders"], ["payments"])
    assert radius.unknown == ["nobody answers"]


def test_sheet_and_announcement_say_who_when_and_what(tmp_path: Path) -> None:
    loaded = loaded_day(tmp_path)
    slots = timetable(loaded, {})
    sheet = run_sheet(loaded, slots, {2: PLANNED, 4: OTHER})
    assert "| 10:15 | experiment: A (service_stop, stop kafka on kafka-1) |" in sheet
    assert "| facilitator | Anna, may abort | 17 |" in sheet
    assert "refuse writes: orders\n" in sheet
    assert "Not all is known: nobody answers" in sheet
    assert len(sheet.splitlines()) < 60
    letter = announcement(loaded, slots, {2: PLANNED})
    assert "To stop it, say so to Anna (17)." in letter
    assert "- about 10:15: A: service_stop, stop kafka on kafka-1\n" in letter


def test_hostile_words_stay_words(tmp_path: Path) -> None:
    loaded = loaded_day(tmp_path, DAY.replace("Room 1", f"'{HOSTILE}'"))
    sheet = run_sheet(loaded, timetable(loaded, {}), {})
    assert "<script" not in sheet
    assert "\\|\\`\\*" in sheet


def test_the_command_writes_the_sheet_and_prints_the_announcement(tmp_path: Path) -> None:
    file = written_day(tmp_path)
    sheet = tmp_path / "sheet.md"
    arguments = ["gameday", "check", str(file), "--no-hosts", "--run-sheet", str(sheet)]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.output
    assert sheet.read_text().startswith("# Run sheet: A day\n")
    assert "To stop it, say so to Anna (17)." in done.stdout
    assert "warning: no host was asked" in done.stderr


def test_the_command_refuses_a_day_that_cannot_be_held(tmp_path: Path) -> None:
    file = written_day(tmp_path, DAY.replace("role: operator", "role: observer"))
    arguments = ["gameday", "check", str(file), "--no-hosts", "--output", "json"]
    done = CliRunner().invoke(app, arguments)
    assert isinstance(done.exception, RefusedError)
    document = json.loads(done.stdout)
    nobody = {"level": "problem", "text": "nobody is the operator", "place": f"{file}:5: people"}
    assert nobody in document["remarks"]


def test_an_inventory_that_is_not_there_is_a_problem_of_the_day(tmp_path: Path) -> None:
    file = written_day(tmp_path)
    arguments = ["gameday", "check", str(file), "-i", str(tmp_path / "none.yml")]
    done = CliRunner().invoke(app, arguments)
    assert isinstance(done.exception, RefusedError)
    assert "problem: no plan could be made" in done.stderr


def test_what_an_experiment_reaches_for_needs_trust(tmp_path: Path) -> None:
    file = written_day(tmp_path)
    for name in ("a", "b"):
        check = f"steady_state: {{checks: [{{command: [/bin/{name}]}}]}}\n"
        (tmp_path / f"{name}.yml").write_text((tmp_path / f"{name}.yml").read_text() + check)
    done = CliRunner().invoke(app, ["gameday", "check", str(file), "--no-hosts"])
    assert isinstance(done.exception, RefusedError)
    assert "reaches for what is yours" in str(done.exception)
    for name in ("a", "b"):  # one --trust counts for both, so both are shown first
        assert f"{tmp_path / name}.yml:3: check 1 runs `/bin/{name}`" in str(done.exception)
