"""Stop everything that goes on here: what Ctrl-C does in each run, then `halt`."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from chaos_runner.errors import UsageError
from chaos_runner.execution.stopping.halt_switch import HaltSwitch, halt_here, told
from chaos_runner.journal.process_lock import RUN_LOCK, runs_on, signal_holder
from chaos_runner.workspace import state_directory

PATIENCE = 30.0
"""Seconds for runs to take their faults back themselves, before `halt` does it from outside: a run
has its connections open, so it is quicker."""
_PAUSE = 0.25
MOST_LINES = 50
"""Lines of what `halt` says that are handed on, the last."""

Say = Callable[[str], None]


def stop_everything(
    runs_directory: Path,
    inventory: Sequence[Path],
    reason: str,
    say: Say,
    patience: float = PATIENCE,
) -> int:
    """Halt the inventory here, end every run of a directory, then take everything back by `halt`.

    `say` gets each step in words. Returns the exit code of `halt`: 0 where every host is clean. It
    goes on where this process ends, and what it says is in a file below the state directory.
    """
    reason = told(reason)  # no program can be started with every character
    for source in inventory:
        try:
            halt_here(HaltSwitch.of(source, reason), state_directory())
        except UsageError as error:
            say(str(error))
    say("no run starts here any more, until `chaos-runner resume`")
    _end_runs(runs_directory, say, patience)
    return _halt(runs_directory, inventory, reason, say)


def _end_runs(runs_directory: Path, say: Say, patience: float) -> None:
    """Signal every run, those too that begin meanwhile, and wait until they are over."""
    told: set[str] = set()
    deadline = time.monotonic() + patience
    while (on := runs_on(runs_directory)) and time.monotonic() < deadline:
        for run in on.keys() - told:
            told.add(run)
            try:
                signal_holder(on[run] / RUN_LOCK, signal.SIGTERM)
            except PermissionError:
                say(f"{run}: it is another user's, and was not told to end")
            else:
                say(f"{run}: told to end; it takes its faults back")
        time.sleep(_PAUSE)
    for run in told - on.keys():
        say(f"{run}: over")
    for run in on:
        say(f"{run}: still at work after {patience:g} s; `halt` takes its faults back from outside")


def _halt(runs_directory: Path, inventory: Sequence[Path], reason: str, say: Say) -> int:
    """Run `halt` as a process of its own, which nothing here ends, and return its exit code."""
    sources = [text for source in inventory for text in ("-i", str(source))]
    arguments = ["halt", *sources, "--runs", str(runs_directory), "--", reason]
    with os.fdopen(os.memfd_create("halt"), "w+b") as output:
        # No pipe, which somebody has to read, and no file: the disk may be full.
        try:
            process = subprocess.Popen(
                [sys.executable, "-P", "-m", "chaos_runner", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as error:
            raise UsageError(
                f"`halt` could not be started: {error.strerror}",
                "call `chaos-runner halt` yourself",
            ) from error
        say("`halt` takes everything back on every host")
        code = process.wait()
        output.seek(0)
        for line in output.read().decode(errors="replace").splitlines()[-MOST_LINES:]:
            say(line)
    clean = "every host is clean" if code == 0 else "not everything is known to be clean"
    say(f"`halt` ended with exit code {code}: {clean}")
    return code
