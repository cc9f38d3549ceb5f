"""Schedule files: every mistake has its file and line, and nothing hostile does harm."""

from __future__ import annotations

import json
import re
from importlib import import_module
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from chaos_runner.content import content_directory
from chaos_runner.schedule.load import check_schedule, load_schedule, schema_text
from chaos_runner.schedule.monkey_events import KINDS
from chaos_runner.schedule.values import format_long_duration, parse_long_duration
from chaos_runner.yaml_input.document import read_document
from tests.unit.schedule.made_schedules import made

jsonschema = import_module("jsonschema")
EXAMPLES = sorted((content_directory("examples") / "schedules").glob("*.yml"))
HEAD = "title: t\nexperiments:\n  - {experiment: a.yml, cron: '0 9 * * *'}\n"


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.name)
def test_the_examples_are_schedules_to_the_schema_too(file: Path) -> None:
    loaded = load_schedule(file)
    assert loaded.experiments
    validator = jsonschema.Draft202012Validator(json.loads(schema_text()))
    problems = validator.iter_errors(read_document(file).data)
    assert [each.message for each in problems] == []


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("seeds: 3\n", 4, "did you mean `seed`"),
        ("time_zone: Europe/Zürich\n", 4, "such as `Europe/Vienna`"),
        ("time_zone: ../../etc/passwd\n", 4, "the name of a time zone"),
        ("windows:\n  hours: ['22:00-02:00']\n", 5, "over midnight write two"),
        ("windows:\n  hours: ['9-12']\n", 5, "such as `09:00-12:30`"),
        ("windows:\n  weekdays: [monday]\n", 5, "`mon`"),
        ("windows:\n  holidays: [{country: Atlantis}]\n", 5, "a code such as `CH`"),
        ("windows:\n  holidays: [{country: CH, subdivision: XX}]\n", 5, "part `XX` of CH"),
        (
            "windows:\n  freezes: [{first_day: 2027-02-29, last_day: 2027-03-01, reason: x}]\n",
            5,
            "allowed is a day",
        ),
        (
            "windows:\n  freezes: [{first_day: 2027-02-02, last_day: 2027-02-01, reason: x}]\n",
            5,
            "before its first",
        ),
        ("limits:\n  least_between: 3 days\n", 5, "such as `30m`, `2h`, `3d`"),
        ("opt_outs:\n  - {reason: x, last_day: 2027-02-01}\n", 5, "either `group` or `host`"),
        ("announce:\n  lead: 8d\n", 5, "allowed is `0s` to `7d`"),
        ("announce:\n  command: [mail]\n", 5, "unknown key"),
    ],
)
def test_a_mistake_has_its_line_and_what_is_allowed(
    tmp_path: Path, text: str, line: int, words: str
) -> None:
    made(tmp_path, HEAD, "a")
    file = tmp_path / "schedule.yml"
    file.write_text(HEAD + text)
    checked = check_schedule(file)
    assert checked.loaded is None
    if words == "not allowed":  # YAML itself refuses control characters
        assert checked.mistakes
        return
    assert any(f"schedule.yml:{line}: " in each and words in each for each in checked.mistakes), (
        checked.mistakes
    )


@pytest.mark.parametrize(
    ("rhythm", "words"),
    [
        ("cron: '0 9 * *'", "five fields"),
        ("cron: '0 9 30 2 *'", "five fields"),
        ("cron: '61 9 * * *'", "Bad minute"),
        ("cron: '* * * * * *'", "five fields"),
        ("at_random: {mean: 1m}", "allowed is `10m` to `366d`"),
        ("cron: '0 9 * * *', at_random: {mean: 3d}", "either `cron` or `at_random`"),
        ("", "needs a rhythm"),
    ],
)
def test_a_rhythm_is_one_that_comes(tmp_path: Path, rhythm: str, words: str) -> None:
    file = tmp_path / "schedule.yml"
    entry = "{experiment: a.yml" + (f", {rhythm}" if rhythm else "") + "}"
    file.write_text(f"title: t\nexperiments:\n  - {entry}\n")
    [mistake] = check_schedule(file).mistakes
    assert "schedule.yml:3: " in mistake
    assert words in mistake


def test_a_file_that_is_not_there_is_told_where_it_is_named(tmp_path: Path) -> None:
    made(tmp_path, HEAD, "a")
    file = tmp_path / "schedule.yml"
    file.write_text(f"{HEAD.replace('a.yml', 'b.yml')}windows: {{calendar: c.ics}}\n")
    experiment, calendar = check_schedule(file).mistakes
    assert f"schedule.yml:3: experiments[0].experiment: found `{tmp_path}/b.yml`: " in experiment
    assert f"schedule.yml:4: windows.calendar: found `{tmp_path}/c.ics`: " in calendar


def test_mistakes_of_an_experiment_stand_in_its_own_file(tmp_path: Path) -> None:
    made(tmp_path, HEAD, "a")
    (tmp_path / "a.yml").write_text("title: a\nfaults: []\n")
    [mistake] = check_schedule(tmp_path / "schedule.yml").mistakes
    assert mistake.startswith(f"{tmp_path}/a.yml:2: ")


def test_no_window_is_too_short_for_an_experiment(tmp_path: Path) -> None:
    made(tmp_path, HEAD, "a")
    file = tmp_path / "schedule.yml"
    file.write_text(HEAD + "windows: {hours: ['09:00-09:04', '10:00-10:03']}\n")
    [mistake] = check_schedule(file).mistakes
    assert "schedule.yml:3: experiments[0]: takes some 4m20s" in mistake


def test_two_files_of_one_name_are_refused(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    made(tmp_path, HEAD, "a")
    (tmp_path / "x" / "a.yml").write_text((tmp_path / "a.yml").read_text())
    file = tmp_path / "schedule.yml"
    file.write_text(HEAD + "  - {experiment: x/a.yml, cron: '0 9 * * *'}\n")
    [mistake] = check_schedule(file).mistakes
    assert "has the name `a` of another one" in mistake


@given(some.text(max_size=300))
def test_any_text_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    file = tmp_path_factory.mktemp("any") / "schedule.yml"
    file.write_bytes(text.encode("utf-8", "surrogatepass"))
    for mistake in check_schedule(file).mistakes:
        assert mistake.isprintable()


@given(some.text("0123456789*/,-#LWlw montue", max_size=40))
def test_any_cron_line_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, line: str
) -> None:
    file = tmp_path_factory.mktemp("any") / "schedule.yml"
    file.write_text(f"title: t\nexperiments: [{{experiment: a.yml, cron: {json.dumps(line)}}}]\n")
    assert check_schedule(file).mistakes  # a.yml is missing


@given(some.floats(0.001, 1e7))
def test_a_long_time_is_written_so_that_it_is_read_again(seconds: float) -> None:
    written = format_long_duration(seconds)
    assert parse_long_duration(written) == pytest.approx(seconds, abs=1e-3)


CALENDAR = """\
BEGIN:VCALENDAR
BEGIN:VEVENT
SUMMARY:Release\\, the
  big one
DTSTART;VALUE=DATE:20270310
DTEND;VALUE=DATE:20270312
END:VEVENT
BEGIN:VEVENT
SUMMARY:Audit
DTSTART;TZID=America/New_York:20270401T090000
DTEND:20270401T150000Z
END:VEVENT
END:VCALENDAR
"""


def test_a_calendar_closes_its_times(tmp_path: Path) -> None:
    (tmp_path / "freeze.ics").write_bytes(CALENDAR.replace("\n", "\r\n").encode())
    text = HEAD + "time_zone: Europe/Zurich\nwindows: {calendar: freeze.ics}\n"
    first, second = made(tmp_path, text, "a").closed
    assert first.reason == "Release, the big one"
    assert (first.begin.isoformat(), first.end.isoformat()) == (
        "2027-03-09T23:00:00+00:00",
        "2027-03-11T23:00:00+00:00",
    )
    assert (second.begin.hour, second.end.hour) == (13, 15)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("SUMMARY:Audit", "RRULE:FREQ=DAILY", "calendar.ics:8: an event has `RRULE`"),
        ("DTEND:20270401T150000Z", "DTEND:soon", "a time that is none: `soon`"),
        ("DTEND:20270401T150000Z", "", "does not say when it ends"),
        ("DTEND:20270401T150000Z", "DTEND:20270401T100000Z", "ends before it begins"),
        ("America/New_York", "Nowhere/../x", "no time zone that this machine knows"),
        ("BEGIN:VCALENDAR", "hello", "is no iCalendar file"),
    ],
)
def test_a_calendar_that_cannot_be_read_is_refused(
    tmp_path: Path, old: str, new: str, words: str
) -> None:
    made(tmp_path, HEAD, "a")
    (tmp_path / "calendar.ics").write_text(CALENDAR.replace(old, new, 1))
    file = tmp_path / "schedule.yml"
    file.write_text(HEAD + "windows: {calendar: calendar.ics}\n")
    [mistake] = check_schedule(file).mistakes
    assert words in mistake


def test_the_reference_has_every_key() -> None:
    """A key of the schema stands in a table, and none that the schema does not have."""
    page = (Path(__file__).parents[3] / "docs/reference/schedule.md").read_text(encoding="utf-8")
    tables = page[: page.index("## The journal of a monkey")]
    written = re.findall(r"^\| `(\w+)` \|", tables, re.MULTILINE)
    schema = json.loads(schema_text())
    models = [schema, *schema["$defs"].values()]
    assert sorted(written) == sorted(key for each in models for key in each.get("properties", {}))
    events = re.findall(r"^\| `(\w+)` \|", page[len(tables) :], re.MULTILINE)
    assert set(events) == KINDS
