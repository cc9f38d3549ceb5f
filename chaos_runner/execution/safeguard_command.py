"""Run the command of a safeguard again and again, in a thread of its own.

A command that hangs, fills its output or cannot be started must never hold up whoever watches
the safeguards: they only read the results that are there.
"""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from chaos_runner.experiment.steady_state import Safeguard
from chaos_runner.threads.background import Background
from chaos_runner.units import printable
from chaos_runner.verdict.safeguards import CommandEnding, CommandResult

_TAIL_BYTES = 4096
"""How much of the output is kept: its last line is told."""
_LONGEST_LINE = 200
_RESULTS_KEPT = 1000


class SafeguardCommand:
    """The results of one safeguard's command; each run of it is a process group of its own."""

    def __init__(self, safeguard: Safeguard, directory: Path) -> None:
        self._command: Sequence[str] = safeguard.command or []
        self._every = safeguard.every
        self._patience = safeguard.patience
        self._directory = directory
        self._results: deque[CommandResult] = deque(maxlen=_RESULTS_KEPT)
        self._ended = threading.Event()
        self._lock = threading.Lock()
        self._running: subprocess.Popen[bytes] | None = None
        self._thread = Background("guard-command", self._run_on)

    def start(self) -> None:
        """Start the command for the first time, and then every interval."""
        self._thread.start()

    def stop(self) -> None:
        """Start it no more, and kill a run that is under way."""
        self._ended.set()
        with self._lock:
            if self._running is not None:
                _kill(self._running)

    def close(self) -> None:
        """Stop, and wait until no process of it is left."""
        self.stop()
        if self._thread.is_alive():
            self._thread.join()

    def results(self) -> list[CommandResult]:
        """Return the results so far, oldest first; raise what the thread died of."""
        self._thread.check()
        return list(self._results)

    def _run_on(self) -> None:
        while not self._ended.is_set():
            began = time.monotonic()
            result = self._run_once()
            if not self._ended.is_set():
                self._results.append(result)
            self._ended.wait(max(0.0, began + self._every - time.monotonic()))

    def _run_once(self) -> CommandResult:
        try:
            process = self._begin()
        except OSError as error:
            why = error.strerror or str(error)
            return CommandResult(time.monotonic(), CommandEnding(how="not_started", output=why))
        late = threading.Event()
        timer = threading.Timer(self._patience, _end_late, (process, late))
        timer.start()
        last_line = _last_line_of(process)
        code = _end_of(process)
        timer.cancel()
        with self._lock:
            self._running = None
        output = printable(last_line, _LONGEST_LINE)
        if late.is_set():
            ending = CommandEnding(how="timeout", timeout=self._patience, output=output)
        elif code < 0:
            ending = CommandEnding(how="signal", code=-code, output=output)
        else:
            ending = CommandEnding(how="exit", code=code, output=output)
        return CommandResult(time.monotonic(), ending)

    def _begin(self) -> subprocess.Popen[bytes]:
        with self._lock:
            self._running = subprocess.Popen(
                self._command,
                cwd=self._directory,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # so that all of it can be killed, and Ctrl-C cannot
            )
            if self._ended.is_set():
                _kill(self._running)
            return self._running


def _last_line_of(process: subprocess.Popen[bytes]) -> str:
    """Read the output to its end and return its last line that says anything."""
    tail = b""
    if process.stdout is not None:
        with process.stdout as output:
            while chunk := os.read(output.fileno(), 65536):
                tail = (tail + chunk)[-_TAIL_BYTES:]
    lines = [line.strip() for line in tail.decode(errors="replace").splitlines()]
    return next((line for line in reversed(lines) if line), "")


def _end_of(process: subprocess.Popen[bytes]) -> int:
    """Wait for the program, end what it left running, and return its exit code.

    As long as the program is not reaped, no stranger can get the number of its group.
    """
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    _kill(process)
    return process.wait()


def _end_late(process: subprocess.Popen[bytes], late: threading.Event) -> None:
    late.set()
    _kill(process)


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Kill the program and everything it started, unless it was reaped already."""
    if process.returncode is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
