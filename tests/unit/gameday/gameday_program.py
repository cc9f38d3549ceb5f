"""`chaos-runner` whose runs are a stand-in that lasts until it is told to end.

Usage: gameday_program.py ARGUMENTS of chaos-runner. Everything but the run itself is the real one.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from chaos_runner.cli.gameday import walk
from chaos_runner.cli.main import main
from chaos_runner.execution.phases import Outcome
from chaos_runner.execution.stopping.interruption import watch_signals
from chaos_runner.gameday.load import LoadedItem


def _execute(entry: LoadedItem, begin: Callable[[str], None]) -> Outcome:
    with watch_signals(lambda _: None) as interruption:
        begin(f"run-{entry.number}")
        interruption.wait(120.0)
    return Outcome(
        run=f"run-{entry.number}",
        title=entry.title,
        verdict="inconclusive",
        exit_code=interruption.exit_code,
        reasons=[f"interrupted by {interruption.name}"],
        hosts={"k1": "clean"},
        journal=Path("none/journal.jsonl"),
    )


if __name__ == "__main__":
    walk._executor = lambda *_, **__: _execute
    main()
