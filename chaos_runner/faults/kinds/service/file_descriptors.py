"""Use up the file descriptors of a systemd service."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from chaos_runner.faults.capabilities import PRLIMIT, SYSTEMD, Capability
from chaos_runner.faults.service_fault import ServiceFault


class FileDescriptors(ServiceFault):
    """Let the processes of a service open no more files and connections.

    The soft limit of each process (`RLIMIT_NOFILE`) is lowered to what it has open, so that the
    next `open` or `accept` fails with "Too many open files"; what is open stays open. Afterwards
    each has its own limit again, unless somebody has changed it meanwhile. A service that ends
    over it is started again.
    """

    kind: ClassVar[str] = "file_descriptors"
    needs: ClassVar[frozenset[Capability]] = frozenset({SYSTEMD, PRLIMIT})

    left: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    """How many more each process may open."""

    def describe(self) -> str:
        """Return e.g. `use up the file descriptors of service kafka`."""
        return f"use up the file descriptors of service {self.name}{self._but()}"

    def outcome(self) -> str:
        """Return e.g. `had the file descriptors of kafka used up`."""
        return f"had the file descriptors of {self.name} used up{self._but()}"

    def _but(self) -> str:
        return f" but for {self.left}" if self.left else ""
