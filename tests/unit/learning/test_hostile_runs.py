"""Every command that learns, on runs whose every text tries to do harm."""

from __future__ import annotations

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
