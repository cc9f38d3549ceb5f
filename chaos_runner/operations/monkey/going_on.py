"""Whether somebody's run or game day goes on now, by the locks in a directory of runs.

The kernel says who holds them: a process that died left none, but faults that the fail-safes take
back, and the preflight finds what is left.
"""

from __future__ import annotations

from pathlib import Path

from chaos_runner.gameday.journal import journals_of_days
from chaos_runner.gameday.walk_lock import walker_of
from chaos_runner.journal.process_lock import runs_on


def run_going_on(runs_directory: Path) -> str:
    """Return the run of a directory that another process executes now; empty where there is none.

    To be asked while this process executes none itself.
    """
    return next(reversed(runs_on(runs_directory)), "")


def gameday_going_on(runs_directory: Path) -> str:
    """Return the game day that somebody walks through now; empty where nobody does."""
    walked = (each.parent for each in journals_of_days(runs_directory) if walker_of(each.parent))
    return next((directory.name for directory in walked), "")
