"""The file of a game day: what it says, and every mistake in it with file and line."""

from __future__ import annotations

import json
from datetime import datetime
from importlib import import_module
from pathlib import Path

import pytest
from typer.testing import CliRunner

from chaos_runner.cli.main import app
from chaos_runner.errors import UsageError
from chaos_runner.gameday.load import load_gameday
from chaos_runner.gameday.schema import gameday_schema
from chaos_runner.yaml_input.document import parse_document
from tests.unit.docs.examples import ROOT

jsonschema = import_module("jsonschema")
EXAMPLE = ROOT / "examples" / "gamedays" / "gameday.yml"
WHOLE = """\
title: A day
date: 2027-03-09
place: Room 1
environment: staging
people: [{name: Anna, role: facilitator}]
agenda: [{briefing: Hello}]
"""


def written(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "day.yml"
    file.write_text(text, encoding="utf-8")
    return file


def test_the_example_is_a_game_day_with_its_experiments() -> None:
    loaded = load_gameday(EXAMPLE)
    assert [each.item.kind for each in loaded.items] == [
        *("briefing", "question", "experiment", "pause", "experiment", "debriefing")
    ]
    assert [experiment.title for experiment, _ in loaded.experiments] == [
        "A slow broker loses nothing",
        "A stopped broker loses nothing",
    ]
    assert [person.name for person in loaded.day.who_may_abort] == ["Anna", "Boris"]


def test_times_are_those_of_its_time_zone(tmp_path: Path) -> None:
    summer = WHOLE.replace("2027-03-09", "2027-03-28") + "time_zone: Europe/Vienna\nstart: '01:30'"
    day = load_gameday(written(tmp_path, summer)).day
    assert day.begins == datetime.fromisoformat("2027-03-28T01:30:00+01:00")
    assert f"{day.after(3600):%H:%M}" == "03:30"  # the hour from two to three is left out


@pytest.mark.parametrize(
    ("old", "new", "line", "told"),
    [
        ("title: A day", "titel: A day", 1, "did you mean `title`"),
        ("2027-03-09", "2027-02-30", 2, "allowed is a day such as"),
        ("role: facilitator", "role: boss", 5, "allowed is one of `facilitator`"),
        ("[{briefing: Hello}]", "[]", 6, "at least 1 entry"),
        ("{briefing: Hello}", "{briefing: Hello, pause: Tea}", 6, "`briefing` and `pause`"),
        ("{briefing: Hello}", "{takes: 5m}", 6, "no kind of item"),
        ("{briefing: Hello}", "{briefing: x, expected: y}", 6, "belong to an experiment"),
        ("place: Room 1", "place: Room 1\ntime_zone: ../../etc/passwd", 4, "time zone"),
        ("place: Room 1", "place: Room 1\ntime_zone: Europe/Wien", 4, "no time zone"),
        ("place: Room 1", "place: Room 1\nstart: '25:00'", 4, "a time of day"),
        ("place: Room 1", 'place: "Room\\e[2J"', 3, "one line of printable text"),
        ("facilitator}]", "facilitator}, {name: Anna, role: scribe}]", 5, "each person once"),
    ],
)
def test_a_mistake_is_told_with_its_line(
    old: str, new: str, line: int, told: str, tmp_path: Path
) -> None:
    file = written(tmp_path, WHOLE.replace(old, new))
    with pytest.raises(UsageError) as error:
        load_gameday(file)
    assert f"{file}:{line}: " in error.value.message
    assert told in error.value.message


def test_an_end_before_the_start_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"day.yml:7: end: .*later on the same day"):
        load_gameday(written(tmp_path, WHOLE + "end: '09:00'\n"))
    with pytest.raises(UsageError, match="later on the same day"):  # than the usual end
        load_gameday(written(tmp_path, WHOLE + "start: '17:00'\n"))


def test_mistakes_of_experiments_are_told_with_their_own_lines(tmp_path: Path) -> None:
    (tmp_path / "one.yml").write_text("title: x\nfaults: []\n")
    agenda = "agenda: [{experiment: one.yml}, {experiment: none.yml}]"
    file = written(tmp_path, WHOLE.replace("agenda: [{briefing: Hello}]", agenda))
    with pytest.raises(UsageError) as error:
        load_gameday(file)
    assert f"{tmp_path}/one.yml:2: faults: " in error.value.message
    assert (
        f"{file}:6: agenda[1].experiment: found `{tmp_path}/none.yml`: there is no such file"
        in (error.value.message)
    )


def test_the_schema_takes_the_example_and_refuses_two_kinds_in_one_item() -> None:
    printed = CliRunner().invoke(app, ["schema", "gameday"]).stdout
    assert json.loads(printed) == gameday_schema()
    jsonschema.Draft202012Validator.check_schema(gameday_schema())
    validator = jsonschema.Draft202012Validator(gameday_schema())
    example = parse_document(EXAMPLE.read_text(encoding="utf-8")).data
    assert isinstance(example, dict)

    assert list(validator.iter_errors(example)) == []
    two_kinds = {"briefing": "Hello", "pause": "Tea"}
    assert list(validator.iter_errors({**example, "agenda": [two_kinds]})) != []
