"""`chaos-runner serve` as a process, and journals that are written for it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.unit.report.journal_writer import RUN, JournalWriter
from tests.waiting import PATIENCE


@dataclass(frozen=True)
class LiveServer:
    """A server of the live page: where it is, its two tokens, and what it follows."""

    url: str
    read: str
    act: str
    token: Path
    """The file that has the token for reading."""
    runs: Path
    process: subprocess.Popen[str]

    @property
    def host(self) -> str:
        """Return `address:port`."""
        return self.url.removeprefix("http://").rstrip("/")

    @property
    def port(self) -> int:
        """Return the port."""
        return int(self.host.rpartition(":")[2])


@contextmanager
def live_server(directory: Path, inventory: Path | None = None) -> Iterator[LiveServer]:
    """Serve what lies in `runs` of a directory; the state is in `state`, the inventory empty."""
    runs = directory / "runs"
    runs.mkdir(exist_ok=True)
    if inventory is None:
        inventory = directory / "hosts"
        inventory.write_text("")
    token = directory / "token"
    command = [sys.executable, "-m", "chaos_runner", "serve", "--port", "0"]
    process = subprocess.Popen(
        [*command, "--runs", str(runs), "-i", str(inventory), "--token-file", str(token)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "XDG_STATE_HOME": str(directory / "state")},
    )
    assert process.stdout is not None
    try:
        look, act = (process.stdout.readline().split()[-1] for _ in range(2))
        url, _, read = look.partition("#")
        yield LiveServer(url, read, act.partition("#")[2], token, runs, process)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE)
        process.stdout.close()


def put(runs: Path, journal: JournalWriter, run: str = RUN) -> Path:
    """Write the journal of a run as far as it goes, and return its path."""
    path = runs / run / "journal.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(journal.content)
    return path


def add(path: Path, journal: JournalWriter, since: int) -> None:
    """Append the lines that a writer has beyond the first `since`."""
    with path.open("ab") as stream:
        stream.write("".join(f"{line}\n" for line in journal.lines[since:]).encode())
