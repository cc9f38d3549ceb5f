"""The report of a game day: expected against seen, in every form, from whole and torn journals."""

from __future__ import annotations

import json
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest
from typer.testing import CliRunner

from chaos_runner.cli.main import app
from chaos_runner.gameday.events import (
    Aborted,
    AnyGameDayEvent,
    DayFinished,
    DayStarted,
    Decided,
    Noted,
    Noticed,
    RunBegan,
    RunEnded,
    RunRefused,
)
from chaos_runner.gameday.journal import GAMEDAY_NAME
from chaos_runner.gameday.load import load_gameday
from chaos_runner.gameday.story import DayStory
from chaos_runner.operations.gameday.report import (
    DayReportFormat,
    render_day,
    story_of_day,
    write_day,
)
from tests.unit.gameday.days import DAY, HOSTILE, written_day
from tests.unit.report.journal_writer import RUN, START
from tests.unit.report.journals import deviated

ON = 35.4
"""When the fault of that run is on, in seconds since its start."""


def journal_of(directory: Path, *events: tuple[float, AnyGameDayEvent], text: str = DAY) -> Path:
    """Write the journal of a day, with the run of experiment A beside it."""
    loaded = load_gameday(written_day(directory, text))
    started = DayStarted(
        identity="gameday-1",
        title=loaded.day.title,
        file=str(loaded.file),
        day=loaded.day.model_dump(mode="json"),
        titles=[each.title for each in loaded.items],
    )
    runs = directory / "runs"
    (runs / "gameday-1").mkdir(parents=True)
    (runs / RUN).mkdir()
    (runs / RUN / "journal.jsonl").write_bytes(deviated().content)
    path = runs / "gameday-1" / GAMEDAY_NAME
    lines = [
        event.model_copy(update={"at": START + timedelta(seconds=moment), "by": "anna@ops"})
        for moment, event in ((-60.0, started), *events)
    ]
    path.write_text("".join(f"{line.model_dump_json()}\n" for line in lines))
    return path


WHOLE = (
    (-10.0, Decided(item=2, decision="go")),
    (0.0, RunBegan(item=2, run=RUN)),
    (ON + 14, Noticed(who="Alert  down", text="the page of the cluster is red")),
    (ON + 20, Noticed(who="Chiara")),
    (ON + 25, Noted(kind="finding", text="The alert names no broker")),
    (ON + 26, Noted(kind="to do", text="Write the runbook")),
    (95.0, RunEnded(item=2, run=RUN, verdict="deviated", exit_code=1, hosts={"kafka-4": "clean"})),
    (99.0, Decided(item=4, decision="go")),
    (100.0, RunRefused(item=4, message="k1 has residue")),
    (101.0, Decided(item=4, decision="no-go")),
    (102.0, DayFinished()),
)


def test_expected_stands_beside_what_was_seen(tmp_path: Path) -> None:
    story = story_of_day(journal_of(tmp_path, *WHOLE))
    first, second = story.trials
    assert (first.verdict, first.as_expected) == ("deviated", True)
    assert [(each.who, each.after) for each in first.notices] == [
        ("Alert  down", 14.0),
        ("Chiara", 20.0),
    ]
    assert first.clients_noticed is not None
    assert first.safeguards[0].startswith("availability at least 90%")
    assert (second.left_out, second.refused, second.run) == (True, ("k1 has residue",), "")
    assert [each.text for each in story.findings] == ["The alert names no broker"]
    assert story.to_do == (
        "Write the runbook",
        f"A: make a finding of it: chaos-runner findings add {RUN}",
        "B: plan it again, for k1 has residue",
    )
    assert (story.finished, story.took, story.notes) == (True, 162.0, ())


def to_do_of(directory: Path, *events: tuple[float, AnyGameDayEvent]) -> str:
    return "\n".join(story_of_day(journal_of(directory, *events)).to_do)


def test_what_nobody_noticed_is_to_be_found_out(tmp_path: Path) -> None:
    events = [each for each in WHOLE if not isinstance(each[1], Noticed)]
    assert "A: find out why nobody noticed; alert Down was expected to" in to_do_of(
        tmp_path, *events
    )


def test_of_a_run_without_a_fault_there_was_nothing_to_notice(tmp_path: Path) -> None:
    path = journal_of(tmp_path, *(each for each in WHOLE if not isinstance(each[1], Noticed)))
    lines = [each for each in deviated().lines if '"event":"fault_' not in each]
    (tmp_path / "runs" / RUN / "journal.jsonl").write_text("".join(f"{each}\n" for each in lines))
    story = story_of_day(path)
    assert story.trials[0].no_fault
    assert not any("nobody noticed" in each for each in story.to_do)
    assert "| alert Down | — |" in render_day(path, DayReportFormat.markdown)


def test_who_noticed_before_whom_is_to_be_found_out(tmp_path: Path) -> None:
    events = [(at, Noticed(who="a customer")) if at == ON + 14 else (at, e) for at, e in WHOLE]
    assert "A: find out why a customer noticed before alert Down did" in to_do_of(tmp_path, *events)


def test_a_run_that_broke_off_leaves_hosts_to_be_looked_at(tmp_path: Path) -> None:
    said = to_do_of(tmp_path, (0.0, RunBegan(item=2, run=RUN)))
    assert f"A: see that every host is clean: chaos-runner recover {RUN}" in said


def test_an_abort_belongs_to_the_experiment_that_was_on(tmp_path: Path) -> None:
    abort = (50.0, Aborted(who="Boris", reason="a call"))
    story = story_of_day(journal_of(tmp_path, *WHOLE[:2], abort, *WHOLE[2:]))
    assert story.trials[0].aborts == ("by Boris: a call",)
    assert story.trials[1].aborts == ()


@pytest.mark.parametrize("run", ["../../elsewhere", "..", "", "none"])
def test_a_run_that_cannot_be_read_is_noted_and_nothing_elsewhere_is_read(
    run: str, tmp_path: Path
) -> None:
    path = journal_of(tmp_path, (0.0, RunBegan(item=2, run="none")))
    written = path.read_text(encoding="utf-8").replace('"run":"none"', f'"run":"{run}"')
    assert f'"run":"{run}"' in written
    path.write_text(written, encoding="utf-8")
    story = story_of_day(path)
    [note] = story.notes
    assert ("left out" in note) and ("elsewhere" not in note)
    assert story.trials[0].run == ""


def test_markdown_has_the_table_and_the_timeline(tmp_path: Path) -> None:
    text = render_day(journal_of(tmp_path, *WHOLE), DayReportFormat.markdown)
    [row] = [line for line in text.splitlines() if line.startswith("| A | Leaders move | deviated")]
    assert "| alert Down | Alert down after 14 s (as expected) |" in row
    assert "| 14:45:49 | anna@ops | noticed by Alert down: the page of the cluster is red |" in text
    assert "- Write the runbook\n- A: make a finding of it" in text
    assert "\n\n\n\n" not in text


class Tags(HTMLParser):
    """The tags of a page, and its words."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.words = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        """Keep a tag."""
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        """Keep words."""
        self.words += data


def test_the_page_needs_nothing_else_and_escapes_what_people_wrote(tmp_path: Path) -> None:
    events: list[tuple[float, AnyGameDayEvent]] = [
        *WHOLE[:2],
        (50.0, Noticed(who=HOSTILE, text=HOSTILE)),
        (51.0, Noted(kind="finding", text=HOSTILE)),
        (52.0, Noted(kind="to do", text=HOSTILE)),
        (53.0, Aborted(who=HOSTILE, reason=HOSTILE)),
        (54.0, RunRefused(item=4, message=HOSTILE)),
    ]
    path = journal_of(tmp_path, *events, text=DAY.replace("Room 1", f"'{HOSTILE}'"))
    page = Tags(write_day(path).read_text())
    assert not {"script", "link", "img", "iframe"} & set(page.tags)
    assert HOSTILE in page.words
    assert "default-src 'none'" in write_day(path).read_text()
    text = render_day(path, DayReportFormat.markdown)
    assert "<script" not in text
    assert all(line.count(" | ") == 2 for line in text.splitlines() if line.startswith("| 14:4"))


def test_json_can_be_read_again(tmp_path: Path) -> None:
    path = journal_of(tmp_path, *WHOLE)
    story = json.loads(render_day(path, DayReportFormat.json))
    assert story["trials"][0]["notices"][0]["after"] == 14.0
    assert story["day"]["date"] == "2027-03-09"
    assert DayStory.model_json_schema()["title"] == "DayStory"


def test_a_torn_journal_is_reported_as_far_as_it_goes(tmp_path: Path) -> None:
    path = journal_of(tmp_path, *WHOLE[:4])
    with path.open("ab") as file:
        file.write(b'{"event":"run_en')
    story = story_of_day(path)
    assert not story.finished
    assert story.notes == ("Line 6 could not be read, and is left out.",)


def test_the_command_writes_a_page_and_prints_markdown(tmp_path: Path) -> None:
    path = journal_of(tmp_path, *WHOLE)
    runs = ["--runs", str(tmp_path / "runs")]
    done = CliRunner().invoke(app, ["gameday", "report", *runs])
    assert done.stdout == f"{path.parent / 'report.html'}\n"
    (path.parent / "report.html").unlink()
    (path.parent / "report.html").symlink_to(tmp_path / "mine")
    CliRunner().invoke(app, ["gameday", "report", *runs])
    assert not (tmp_path / "mine").exists()
    told = CliRunner().invoke(app, ["gameday", "report", str(path), "--format", "markdown"])
    assert told.stdout.startswith("# Game day: A day\n")
