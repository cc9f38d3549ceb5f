"""However a command ends: one message, the promised exit code, with JSON one document."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from chaos_runner.cli.text.output import wants_json
from tests.waiting import PATIENCE

COMMAND = """
import os, signal, sys, time
from chaos_runner.cli import main
from chaos_runner.cli.text.output import print_json
from chaos_runner.errors import HostsNotCleanError

@main.app.command()
def made(output: str = main.typer.Option("", "--output", "-o")) -> None:
    {body}

main.main()
"""


def ended(
    body: str, tmp_path: Path, *options: str, stdout: int = subprocess.PIPE, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run a command with this body as the command line would."""
    return subprocess.run(
        [sys.executable, "-c", COMMAND.format(body=body), "made", *options],
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        timeout=PATIENCE,
        env={**os.environ, "XDG_STATE_HOME": str(tmp_path), **variables},
    )


@pytest.mark.parametrize(
    "body",
    [
        "raise KeyError('a surprise')",
        "raise OSError(28, 'No space left on device')",
        "raise BrokenPipeError(32, 'Broken pipe')",
        "(lambda again: again(again))(lambda again: again(again))",
        "raise ValueError('\\x1b[2J first line\\nsecond')",
    ],
)
def test_an_unforeseen_error_is_one_sentence_and_70(body: str, tmp_path: Path) -> None:
    done = ended(body, tmp_path)
    assert done.returncode == 70
    told, hint = done.stderr.splitlines()
    assert told.startswith("chaos-runner: an error inside chaos-runner: ")
    assert "\x1b" not in done.stderr
    (kept,) = (tmp_path / "chaos-runner" / "crashes").iterdir()
    assert f"please report it with {kept}" in hint
    assert "Traceback" in kept.read_text()
    assert kept.stat().st_mode & 0o777 == 0o600


def test_the_traceback_is_shown_when_asked_for_and_when_it_cannot_be_kept(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    asked = ended("raise KeyError(1)", tmp_path, CHAOS_RUNNER_DEBUG="1")
    lost = ended("raise KeyError(1)", tmp_path, XDG_STATE_HOME=str(tmp_path / "file"))
    for done in (asked, lost):
        assert done.returncode == 70
        assert "Traceback" in done.stderr


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("raise KeyError(1)", 70),
        ("raise HostsNotCleanError('not clean')", 10),
        ("print_json({'hosts': []}); raise HostsNotCleanError('not clean')", 10),
        ("print_json({'hosts': []}); raise main.typer.Exit(3)", 3),
        ("raise main.typer.Exit(4)", 4),
        ("raise main.typer.Abort", 130),
        ("raise KeyboardInterrupt", 130),
        ("os.kill(os.getpid(), signal.SIGINT); time.sleep(60)", 130),
        ("os.kill(os.getpid(), signal.SIGTERM); time.sleep(60)", 143),
        ("os.kill(os.getpid(), signal.SIGHUP); time.sleep(60)", 129),
    ],
)
def test_with_json_there_is_one_document(body: str, code: int, tmp_path: Path) -> None:
    done = ended(body, tmp_path, "-o", "json")
    assert done.returncode == code
    document = json.loads(done.stdout)
    assert document["schema_version"] == 1
    assert "hosts" in document or "error" in document


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_what_a_signal_ends_is_cleared_up(number: signal.Signals, tmp_path: Path) -> None:
    body = f"""
    try:
        os.kill(os.getpid(), {int(number)})
        time.sleep(60)
    finally:
        print("cleared up")"""
    done = ended(body, tmp_path)
    assert (done.returncode, done.stdout) == (128 + number, "cleared up\n")


AT_THE_BEGINNING = """
import os, signal, sys
from chaos_runner import __main__ as entry

class Interrupting:
    def find_spec(self, name, path=None, target=None):
        if name == "typer":
            os.kill(os.getpid(), signal.{number})

sys.meta_path.insert(0, Interrupting())
entry.main()
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda each: each.name)
def test_a_signal_while_the_program_is_read_in_ends_it_as_any_other(number: signal.Signals) -> None:
    program = AT_THE_BEGINNING.format(number=number.name)
    command = [sys.executable, "-c", program, "schema", "--output", "json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE)
    assert done.returncode == 128 + number, done.stderr
    assert json.loads(done.stdout)["error"]["message"] == "interrupted"
    assert "Traceback" not in done.stderr


def test_a_full_disk_under_the_result_is_told_and_masks_no_worse_end(tmp_path: Path) -> None:
    with Path("/dev/full").open("w") as full:
        clean = ended("print('x' * 100_000)", tmp_path, stdout=full.fileno())
        dirty = ended(
            "print('x'); raise HostsNotCleanError('dirty')", tmp_path, stdout=full.fileno()
        )
    assert (clean.returncode, dirty.returncode) == (70, 10)
    for done in (clean, dirty):
        assert "the result was not written: No space left on device" in done.stderr
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize(("end", "code"), [("pass", 0), ("raise HostsNotCleanError('dirty')", 10)])
def test_a_reader_that_went_away_changes_no_exit_code(end: str, code: int, tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = ended(f"print('x' * 100_000); {end}", tmp_path, stdout=writing)
    os.close(writing)
    assert done.returncode == code
    assert "pipe" not in done.stderr.lower()


@pytest.mark.parametrize("redirection", [">&-", "2>&-", ">&- 2>&-", "</dev/null >/dev/full 2>&1"])
def test_closed_streams_do_no_harm(redirection: str) -> None:
    command = f"{sys.executable} -m chaos_runner report /nowhere {redirection}"
    done = subprocess.run(["sh", "-c", command], capture_output=True, check=False, timeout=PATIENCE)
    assert done.returncode == 2


def test_an_encoding_without_the_characters_does_no_harm(tmp_path: Path) -> None:
    body = r"print('Gr\u00f6\u00dfe \udc80')"
    done = ended(body, tmp_path, LC_ALL="C", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert (done.returncode, done.stdout) == (0, "Gr\\xf6\\xdfe \\udc80\n")


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("audit -o json", True),
        ("audit -ojson", True),
        ("audit --output json", True),
        ("audit --output=json", True),
        ("report x --format json", True),
        ("audit -o text", False),
        ("lab exec -- tool -o json", False),
        ("audit -o", False),
    ],
)
def test_json_is_recognised_in_each_spelling(line: str, wanted: bool) -> None:
    assert wants_json(line.split()) is wanted
