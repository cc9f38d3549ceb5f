"""Crash the kernel of a host."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from chaos_runner.faults.capabilities import OWN_CLOCK, SYSTEMD, Capability
from chaos_runner.faults.kind import FaultKind
from chaos_runner.faults.kinds.host.host_reboot import RESTART_LIMIT


class HostPanic(FaultKind):
    """Crash the kernel of the targets, and see them come back.

    As a hard `host_reboot`, by a panic: connections are not closed, nothing is written any more,
    and the host is silent for some seconds before it restarts. `kernel.panic` is set for that,
    which ends with the restart.
    """

    kind: ClassVar[str] = "host_panic"
    needs: ClassVar[frozenset[Capability]] = frozenset({SYSTEMD, OWN_CLOCK})
    occupies: ClassVar[str] = "restart"
    survives_restart: ClassVar[bool] = True
    absence: ClassVar[float] = RESTART_LIMIT

    silence: Annotated[int, Field(ge=1, le=300)] = 10
    """Seconds between the panic and the restart."""

    def describe(self) -> str:
        """Return `crash the kernel`."""
        return "crash the kernel"

    def outcome(self) -> str:
        """Return `had its kernel crashed`."""
        return "had its kernel crashed"
