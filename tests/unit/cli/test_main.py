"""The command line as a whole: help, versions, errors as messages, JSON and exit codes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from chaos_runner import __version__
from chaos_runner.operations.run import WORST_FIRST
from tests.waiting import PATIENCE


def chaos_runner(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "chaos_runner", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )


def test_help_says_what_the_exit_codes_mean() -> None:
    done = chaos_runner("--help")
    assert done.returncode == 0
    words = " ".join(done.stdout.split())
    for meaning in ("0 the steady state held", "1 it deviated", "10 a host is not clean"):
        assert meaning in words


def test_version_names_what_decides_how_a_run_behaves() -> None:
    lines = chaos_runner("--version").stdout.splitlines()
    assert lines[0] == f"chaos-runner {__version__}"
    assert {line.split()[0] for line in lines} >= {"ansible-core", "confluent-kafka", "paramiko"}


def test_an_error_is_one_message_on_stderr_and_json_where_asked(tmp_path: Path) -> None:
    missing = str(tmp_path / "missing.yml")
    done = chaos_runner("validate", missing)
    assert (done.returncode, done.stdout) == (2, "")
    assert missing in done.stderr
    assert "Traceback" not in done.stderr
    error = json.loads(chaos_runner("run", missing, "--output", "json").stdout)["error"]
    assert missing in error["message"]


def test_help_does_not_pay_for_what_commands_need() -> None:
    heavy = {"ansible_runner", "paramiko", "confluent_kafka", "pydantic", "jinja2", "yaml"}
    code = "import sys, chaos_runner.cli.main; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert heavy & set(done.stdout.split()) == set()


def test_the_history_does_not_pay_for_what_it_does_not_read(tmp_path: Path) -> None:
    heavy = {"chaos_runner.journal.events", "chaos_runner.experiment.models", "chaos_runner.faults"}
    code = (
        "import sys; from chaos_runner.cli.main import app\n"
        f"try: app(['history', '--runs', {str(tmp_path)!r}])\n"
        "finally: print(*sys.modules)"
    )
    environment = {**os.environ, "XDG_STATE_HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env=environment,
        cwd=tmp_path,
    )
    assert done.stdout.startswith("no runs")
    assert heavy & set(done.stdout.split()) == set()


@pytest.mark.parametrize("code", [1, 3, 4, 5, 70, 130, 143])
def test_an_unclean_host_wins_over_every_other_end(code: int) -> None:
    assert WORST_FIRST.index(10) < WORST_FIRST.index(code) < WORST_FIRST.index(0)
