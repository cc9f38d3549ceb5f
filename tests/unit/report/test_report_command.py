from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from chaos_runner.cli.report import report
from chaos_runner.errors import UsageError
from chaos_runner.operations.report import write_html
from chaos_runner.rollback.recovery_journal import recoveries_told
from tests.unit.report import journals
from tests.unit.report.journal_writer import FAULT, RUN
from tests.unit.rollback.test_recovery_journal import answered, fault


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    directory = tmp_path / "runs" / RUN
    directory.mkdir(parents=True)
    (directory / "journal.jsonl").write_bytes(journals.held().content)
    return directory.parent


def invoke(*arguments: object) -> Result:
    app = typer.Typer()
    app.command()(report)
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_html_goes_beside_the_journal_and_its_path_to_stdout(runs: Path) -> None:
    result = invoke(RUN, "--runs", runs)
    page = runs / RUN / "report.html"
    assert (result.exit_code, result.stdout) == (0, f"{page}\n")
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert [path.name for path in page.parent.iterdir()].count("report.html") == 1
    assert len(list(page.parent.iterdir())) == 2


def test_json_and_markdown_go_to_stdout(runs: Path) -> None:
    document = json.loads(invoke(runs / RUN, "--format", "json", "--runs", runs).stdout)
    assert document["run"] == RUN
    markdown = invoke(runs / RUN / "journal.jsonl", "--format", "markdown", "--runs", runs).stdout
    assert markdown.startswith("# Held: A slow broker loses nothing\n")


@pytest.mark.parametrize("form", ["html", "json", "markdown"])
def test_any_form_goes_to_a_file_that_is_named(runs: Path, form: str) -> None:
    target = runs / "out"
    result = invoke(RUN, "--runs", runs, "--format", form, "--output-file", target)
    assert result.stdout == f"{target}\n"
    assert "A slow broker loses nothing" in target.read_text(encoding="utf-8")


def test_the_same_journal_makes_the_same_page(runs: Path) -> None:
    journal = runs / RUN / "journal.jsonl"
    first = write_html(journal).read_bytes()
    assert write_html(journal).read_bytes() == first


def test_what_a_recovery_wrote_beside_the_journal_is_told(runs: Path) -> None:
    (runs / RUN / "journal.jsonl").write_bytes(journals.killed().content)
    with recoveries_told(runs, "recover") as recoveries:
        recoveries.tell([answered(fault(fault=FAULT))])
    document = json.loads(invoke(RUN, "--format", "json", "--runs", runs).stdout)
    (host,) = document["hosts"]
    assert (document["verdict"], host["host"], host["state"]) == (None, "kafka-4", "clean")
    assert document["recoveries"][0]["command"] == "recover"
    assert document["stopped"] < 60


def test_a_run_that_is_not_there_is_a_usage_error(runs: Path) -> None:
    result = invoke("nope", "--runs", runs)
    assert isinstance(result.exception, UsageError)
    assert RUN in result.exception.hint


def test_a_place_that_cannot_be_written_is_a_usage_error(runs: Path) -> None:
    result = invoke(RUN, "--runs", runs, "--output-file", runs / "missing" / "x.html")
    assert isinstance(result.exception, UsageError)
    assert "cannot be written: No such file or directory" in result.exception.message


def test_links_in_a_received_folder_are_replaced_and_not_followed(runs: Path) -> None:
    precious = runs / "precious"
    precious.write_text("mine")
    for name in ("report.html", ".report.html.unfinished"):
        (runs / RUN / name).symlink_to(precious)
    page = write_html(runs / RUN / "journal.jsonl")
    assert precious.read_text() == "mine"
    assert not page.is_symlink()
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")


@pytest.mark.parametrize("form", ["html", "json", "markdown"])
def test_a_named_place_that_is_a_link_or_a_device_is_refused(runs: Path, form: str) -> None:
    (runs / "precious").write_text("mine")
    (runs / "out").symlink_to(runs / "precious")
    for place, words in ((runs / "out", "is a link"), (Path("/dev/null"), "it is a device")):
        result = invoke(RUN, "--runs", runs, "--format", form, "--output-file", place)
        assert isinstance(result.exception, UsageError)
        assert words in result.exception.message
    assert (runs / "precious").read_text() == "mine"
    assert Path("/dev/null").is_char_device()


@pytest.mark.parametrize("name", ["journal.jsonl", "recovery-1.jsonl"])
def test_a_pipe_or_device_in_a_received_folder_is_neither_waited_for_nor_read(
    runs: Path, name: str
) -> None:
    folder = runs / RUN
    for make in (os.mkfifo, lambda path: path.symlink_to("/dev/zero")):
        (folder / name).unlink(missing_ok=True)
        make(folder / name)
        result = invoke(folder, "--runs", runs)
        if name == "journal.jsonl":
            assert isinstance(result.exception, UsageError)
        else:
            assert "A later recovery is left out" in (folder / "report.html").read_text()
