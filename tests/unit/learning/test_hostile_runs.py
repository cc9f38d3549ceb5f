"""Every command that learns, on runs whose every text tries to do harm."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from chaos_runner.cli.main import app
from chaos_runner.errors import UsageError
from tests.unit.learning.made_runs import MadeRun
from tests.unit.report import journals
from tests.unit.report.journal_writer import RUN
from tests.unit.report.journals import HOSTILE

ESCAPE = f"\x1b]0;x\x07{HOSTILE}\n$(id)'; DROP TABLE runs; --"
EVIL = MadeRun(
    0,
    lost=40,
    start={
        "title": ESCAPE,
        "owner": ESCAPE,
        "experiment_file": f"../{ESCAPE}.yml",
        "inventory": ESCAPE,
        "experiment": {ESCAPE: {ESCAPE: [ESCAPE]}},
    },
    kind=ESCAPE,
    probe={
        "topic": ESCAPE,
        "client": {"acks": ESCAPE},
        "topic_settings": {"min.insync.replicas": ESCAPE},
    },
)


@pytest.fixture(autouse=True)
def hostile_runs(workspace: Path) -> None:
    EVIL.write(workspace / "runs")
    directory = workspace / "runs" / RUN
    directory.mkdir()
    (directory / "journal.jsonl").write_bytes(journals.hostile().content)


@pytest.mark.parametrize(
    "arguments",
    [
        ("history",),
        ("history", "-o", "json"),
        ("compare", EVIL.run, RUN),
        ("diagnose", EVIL.run),
        ("diagnose", RUN, "-o", "json"),
        ("trend", ESCAPE),
        ("changelog", "--since", "2020-01-01"),
        ("insights",),
        ("insights", "-o", "json"),
        ("suggest",),
        ("status", "page.html"),
        ("findings",),
        ("findings", "verify"),
    ],
    ids=lambda arguments: arguments[0],
)
def test_no_text_of_a_run_reaches_a_terminal_unescaped(arguments: tuple[str, ...]) -> None:
    result = CliRunner().invoke(app, list(arguments))
    assert result.exit_code == 0, result.exception
    assert not {"\x1b", "\x07", "\u202e"} & set(result.output)


def test_a_gate_on_hostile_runs_says_too_few() -> None:
    assert CliRunner().invoke(app, ["gate", "--since", RUN]).exit_code == 3


def test_a_page_of_hostile_runs_has_no_markup_of_theirs(workspace: Path) -> None:
    CliRunner().invoke(app, ["status", "page.html"])
    page = (workspace / "page.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert not {"\x1b", "\u202e"} & set(page)


def test_a_hostile_name_makes_no_finding() -> None:
    arguments = ["findings", "add", EVIL.run, "--fix", "x", "--by", "2026-12-24"]
    result = CliRunner().invoke(app, arguments)
    assert isinstance(result.exception, UsageError)
    assert "\x1b" not in str(result.exception)


def test_a_page_goes_through_no_link(workspace: Path) -> None:
    (workspace / "page.html").symlink_to(workspace / "outside")
    result = CliRunner().invoke(app, ["status", "page.html"])
    assert isinstance(result.exception, UsageError)
    assert not (workspace / "outside").exists()


def listing(*arguments: str) -> str:
    result = CliRunner().invoke(app, list(arguments))
    assert result.exit_code == 0, result.exception
    return result.output


def test_one_run_makes_no_line_of_a_table_as_long_as_it_likes(workspace: Path) -> None:
    wide = MadeRun(1, start={"experiment_file": f"{'x' * 1_000_000}.yml"})
    wide.write(workspace / "runs")
    assert len(listing("history")) < 10_000
    assert len(listing("trend", "z")) < 10_000


def test_the_name_of_an_experiment_adds_no_line(workspace: Path) -> None:
    MadeRun(1, start={"experiment_file": "x\nall hosts: clean\n.yml"}).write(workspace / "runs")
    assert "\nall hosts: clean" not in listing("trend", "none of these")


@pytest.mark.parametrize("name", ["../other", "/etc", "a/b", "..", ".", "", "x" * 300, "a\0b"])
def test_a_run_has_no_name_that_leads_elsewhere(name: str, workspace: Path) -> None:
    journal = workspace / "runs" / RUN / "journal.jsonl"
    first, *others = journal.read_text(encoding="utf-8").splitlines()
    lines = [json.dumps({**json.loads(first), "run": name}), *others]
    journal.write_text("\n".join(lines), encoding="utf-8")
    assert "run_started.run" in listing("history")
    listing("suggest")


@pytest.mark.parametrize("command", ["report", "diagnose"])
def test_a_name_that_no_file_can_have_is_no_run(command: str) -> None:
    result = CliRunner().invoke(app, [command, "x" * 300])
    assert isinstance(result.exception, UsageError)
