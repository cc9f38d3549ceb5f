"""Start the controller of a cell: a process of its own, on a terminal that can be closed."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tests.integration.crash_matrix.cells import FAULTS, Cell
from tests.integration.crash_matrix.host import MatrixHost

LEASE = 5
"""Seconds: the shortest that an experiment may have."""
SILENT = {"unreachable at roll-back", "a peer host silent"}
"""The deaths that leave a host silent, which should not take longer than what they show."""


@dataclass
class Controller:
    """A controller's process, and the other end of its terminal, if it has one."""

    process: subprocess.Popen[bytes]
    terminal: int | None = None

    def close_terminal(self) -> None:
        """Close the terminal, as who shuts a window does."""
        if self.terminal is not None:
            os.close(self.terminal)
            self.terminal = None

    def end(self) -> None:
        """Leave nothing of it."""
        with suppress(ProcessLookupError):
            self.process.kill()
        self.process.wait()
        self.close_terminal()


def start_controller(
    cell: Cell, hosts: list[MatrixHost], runs: Path, *, in_a_terminal: bool = False
) -> Controller:
    """Start a run of the cell's fault; one whose roll-back is the point is a short one."""
    runs.mkdir(exist_ok=True)
    duration = 3 if cell.moment.in_roll_back else 60
    experiment = runs / "experiment.yml"
    experiment.write_text(
        f"title: A cell of the crash matrix\nlease: {LEASE}s\n"
        "kafka: {bootstrap_servers: 'none:1'}\nallow: {unknown_blast_radius: true}\n"
        f"faults:\n  - {FAULTS[cell.role]}\n"
        f"    targets: {{hosts: '{':'.join(host.name for host in hosts)}'}}\n"
        f"    duration: {duration}s\n"
    )
    command = [
        # It must not outlive a matrix that is stopped, and hold its fault on the host.
        *("setpriv", "--pdeathsig", "KILL", "--"),
        *(("setsid", "--ctty", "--") if in_a_terminal else ()),
        *(
            sys.executable,
            "-m",
            "tests.integration.crash_matrix.controller",
            str(experiment),
            str(runs),
            *(["2"] if cell.death in SILENT else []),
        ),
    ]
    environment = {**os.environ, "CHAOS_LAB": hosts[0].place.lab}
    if in_a_terminal:
        ours, its = pty.openpty()
        process = subprocess.Popen(command, stdin=its, stdout=its, stderr=its, env=environment)
        os.close(its)
        return Controller(process, ours)
    with (runs / "controller.log").open("ab") as log:
        return Controller(
            subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment
            )
        )
