"""A stand-in of a run: it holds the lock of one, and lasts until it is told to end."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.waiting import PATIENCE

RUN_PROGRAM = """\
import signal, sys
from pathlib import Path
from chaos_runner.execution.stopping.interruption import watch_signals
from chaos_runner.journal.process_lock import RUN_LOCK, hold_lock
with watch_signals(lambda _: None) as interruption:
    with hold_lock(Path(sys.argv[1]) / RUN_LOCK, "executes this run", ""):
        print("on", flush=True)
        interruption.wait(float(sys.argv[2]))
        print(interruption.name, interruption.times, flush=True)
        if sys.argv[3] == "stuck":
            signal.pause()
"""
Start = subprocess.Popen[str]


def start(directory: Path, then: str = "") -> Start:
    """Start a stand-in of a run that lasts until it is told to end."""
    process = subprocess.Popen(
        [sys.executable, "-c", RUN_PROGRAM, str(directory), str(PATIENCE), then],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "on\n"
    return process
