"""Pause the processes of a program by SIGSTOP, and let exactly those go on."""

from __future__ import annotations

from typing import Annotated, ClassVar, Self

from pydantic import model_validator

from chaos_runner.faults.kind import FaultKind
from chaos_runner.faults.values import Matching


class ProcessPause(FaultKind):
    """Pause the processes of a program on the targets, be it a service or not.

    Meant for what is no systemd service, by its exact executable or by the file that has its
    process number; nothing is found by a pattern. What `service_pause` says of a zombie holds here
    as well. What runs in a container with a network of its own is left alone;
    [the role](../../roles/process_pause/README.md#what-it-refuses) lists what is refused.
    """

    kind: ClassVar[str] = "process_pause"

    executable: (
        Annotated[
            str,
            Matching("(/[A-Za-z0-9_.+@:-]+){1,32}", "the path of a program", "/opt/app/bin/server"),
        ]
        | None
    ) = None
    """The program, as `/proc/PROCESS/exe` has it: every process that executes it is paused."""
    pid_file: (
        Annotated[
            str, Matching("(/[A-Za-z0-9_.+@:-]+){1,32}", "the path of a file", "/run/app.pid")
        ]
        | None
    ) = None
    """The file that has the number of the process; its children are not paused."""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.executable is None) == (self.pid_file is None):
            raise ValueError(
                "names no process, or two ways to find it; set `executable` or `pid_file`"
            )
        return self

    def _what(self) -> str:
        return self.executable or f"the process in {self.pid_file}"

    def occupied(self) -> str:
        """Return the program: two faults on it would take each other for the cause."""
        return f"process {self.executable or self.pid_file}"

    def describe(self) -> str:
        """Return e.g. `pause /opt/app/bin/server`."""
        return f"pause {self._what()}"

    def outcome(self) -> str:
        """Return e.g. `had /opt/app/bin/server paused`."""
        return f"had {self._what()} paused"
