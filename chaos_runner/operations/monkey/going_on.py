"""Whether somebody's run or game day goes on now, by the journals of a directory of runs."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

from pydantic_core import from_json

from chaos_runner.errors import UsageError
from chaos_runner.files import open_regular
from chaos_runner.gameday.journal import journals_of_days
from chaos_runner.gameday.walk_lock import walker_of
from chaos_runner.journal.journal import journals_in
from chaos_runner.journal.lines import LARGEST_JOURNAL, lines_of

_TAIL = 256 * 1024
"""Bytes at the end of a journal in which its last line lies."""
_SLACK = 5.0
"""Seconds by which the kernel's clock and the journal's may differ."""


def run_going_on(runs_directory: Path) -> str:
    """Return the run of a directory that another process executes now; empty where there is none.

    It goes on while its journal has no end and the process that writes it is alive: one that
    died left faults that the fail-safes take back, and the preflight finds what is left.
    """
    own = os.getpid()
    for run, journal in reversed(journals_in(runs_directory).items()):
        try:
            if _has_ended(journal):
                continue
            first = from_json(next(lines_of(journal, LARGEST_JOURNAL), b"{}"))
            process = first.get("process") if isinstance(first, dict) else None
            if not isinstance(process, int) or process == own:
                continue
            if _is_alive(process, datetime.fromisoformat(str(first["at"]))):
                return run
        except (UsageError, OSError, ValueError, KeyError):
            continue  # no journal that a run of now would write
    return ""


def gameday_going_on(runs_directory: Path) -> str:
    """Return the game day that somebody walks through now; empty where nobody does."""
    walked = (each.parent for each in journals_of_days(runs_directory) if walker_of(each.parent))
    return next((directory.name for directory in walked), "")


def _has_ended(journal: Path) -> bool:
    with open_regular(journal) as stream:
        stream.seek(max(0, stream.seek(0, os.SEEK_END) - _TAIL))
        lines = stream.read(_TAIL).splitlines()
    return bool(lines) and b'"event":"run_finished"' in lines[-1].replace(b" ", b"")


def _is_alive(process: int, started: datetime) -> bool:
    """Tell whether a process lives and is older than the journal: its number may be another's."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        uptime = float(Path("/proc/uptime").read_text().split()[0])
    except (OSError, ValueError):
        return False
    age = uptime - int(fields[19]) / os.sysconf("SC_CLK_TCK")  # field 22 of proc(5): starttime
    return datetime.now(UTC).timestamp() - age <= started.timestamp() + _SLACK
