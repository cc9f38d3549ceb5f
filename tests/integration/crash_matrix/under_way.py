"""What a death of the crash matrix gets at: a cell that is under way, at its moment."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.integration.crash_matrix.host import MatrixHost


@dataclass
class UnderWay:
    """What a death can get at, and what it leaves to be checked."""

    host: MatrixHost
    controller: subprocess.Popen[bytes]
    start_another: Callable[[], subprocess.Popen[bytes]]
    close_terminal: Callable[[], None]
    held: bool
    peer: MatrixHost | None = None
    """The other host of the run, where it has one."""
    units: tuple[str, ...] = ()
    """Those that the fault stops, and that are to be up again in the end."""
    counted_from: float = field(default_factory=time.monotonic)
    """When the host could begin to come back: the death, or its end where nobody may touch it."""
    second_code: int | None = None
    """The exit code of a second run on the same host."""

    def release(self, after: float = 0.0) -> None:
        """Let a held guard go on."""
        if self.held:
            self.host.release(after)

    def kill_controller(self) -> None:
        """Kill the controller alone, and let a held guard go on; what was started goes on."""
        self.controller.kill()
        self.release()

    def interrupt(self) -> None:
        """Press Ctrl-C."""
        self.controller.send_signal(signal.SIGINT)


@dataclass(frozen=True)
class Death:
    """What dies and how, and what the matrix has to do about it before and after."""

    kill: Callable[[UnderWay], None]
    prepare: str = ""
    """A script for the host, before the run."""
    undo: str = ""
    """A script that takes back what the death did to the host."""
    guard_stays: bool = False
    """Until that is taken back, the guard cannot write what it did, and tries again and again."""
    in_a_terminal: bool = False
    with_peer: bool = False
