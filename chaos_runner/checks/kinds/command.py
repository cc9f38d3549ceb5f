"""A program of the user's, run again and again."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Annotated

from pydantic import Field

from chaos_runner.checks.cutoff import Cutoff
from chaos_runner.checks.kind import CheckKind
from chaos_runner.faults.values import ProgramArgument
from chaos_runner.units import printable
from chaos_runner.verdict.answer import Answer

_TAIL_BYTES = 4096
"""How much of the output is kept: its last line is told."""
_LONGEST_LINE = 200


class Command(CheckKind):
    """Run a program of yours on this machine.

    No shell reads its arguments. It runs on the control node, as the user of chaos-runner, in the
    directory of the experiment's file. Another exit code, no end in time and a program that
    cannot be started deviate. When it is over, or late, everything it started is killed. The last
    line of its output stands in the journal and in the report: keep secrets out of it.
    """

    kind = "command"
    short = "argv"

    argv: Annotated[list[ProgramArgument], Field(min_length=1, max_length=100)]
    """The program and its arguments. A list in the place of the mapping means these."""
    exit_code: Annotated[int, Field(ge=0, le=255)] = 0
    """The exit code that it must end with."""

    def describe(self) -> str:
        """Return the command as a shell would be told it."""
        wanted = f", exit code {self.exit_code}" if self.exit_code else ""
        return f"command {printable(shlex.join(self.argv), limit=200)}{wanted}"

    def reaches(self) -> Iterator[str]:
        """Yield what is run."""
        yield f"runs `{shlex.join(self.argv)}` as you"

    def ask(self, cutoff: Cutoff, directory: Path) -> Answer:
        """Run it to its end; each run is a process group of its own."""
        try:
            process = _start(self.argv, directory)
        except OSError as error:
            why = error.strerror or str(error)
            return Answer(how="not_started", verdict="deviated", output=why)
        cutoff.ends_by(lambda: _kill(process))
        output = printable(_last_line_of(process), _LONGEST_LINE)
        code = _end_of(process)
        if code < 0:
            return Answer(how="signal", verdict="deviated", code=-code, output=output)
        well = code == self.exit_code
        return Answer(how="exit", verdict="held" if well else "deviated", code=code, output=output)


def _start(argv: list[str], directory: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        argv,
        cwd=directory,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,  # so that all of it can be killed, and Ctrl-C cannot
    )


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


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Kill the program and everything it started, unless it was reaped already."""
    if process.returncode is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
