"""The monkey as a process: it ends in order when it is told to."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from chaos_runner.operations.monkey.monkey_journal import MonkeyJournal
from chaos_runner.schedule.monkey_events import Started, Stopped
from tests.unit.schedule.made_schedules import made

TEXT = "title: leap days\nexperiments: [{experiment: a.yml, cron: '0 9 29 2 *'}]\n"


def test_sigterm_ends_it_in_order_and_its_journal_says_so(tmp_path: Path) -> None:
    made(tmp_path, TEXT, "a")
    (tmp_path / "hosts.yml").write_text("all: {hosts: {k1: {ansible_host: 127.0.0.1}}}\n")
    command = [sys.executable, "-m", "chaos_runner", "monkey", "schedule.yml", "--yes"]
    with subprocess.Popen(
        [*command, "--runs", "runs", "-i", "hosts.yml"],
        cwd=tmp_path,
        env={**os.environ, "XDG_STATE_HOME": str(tmp_path / "state")},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert "works off schedule.yml: leap days" in process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        assert "stops: SIGTERM" in process.stdout.read()
        assert process.wait(timeout=60) == 0
    started, stopped = MonkeyJournal(tmp_path / "runs", "schedule").events()
    assert isinstance(started, Started)
    assert isinstance(stopped, Stopped)
