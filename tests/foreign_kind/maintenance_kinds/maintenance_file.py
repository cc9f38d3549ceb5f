"""Mark a host as under maintenance, so that a load balancer takes it out."""

from __future__ import annotations

from typing import Annotated, ClassVar

from chaos_runner.faults import DEGRADED, FaultKind, Impact, Machine
from chaos_runner.faults.values import Matching


class MaintenanceFile(FaultKind):
    """Mark the targets as under maintenance by a file that a load balancer looks for."""

    kind: ClassVar[str] = "maintenance_file"
    survives_restart: ClassVar[bool] = True

    path: Annotated[
        str, Matching(r"/run/[a-z][a-z_-]{0,60}", "a file below /run", "/run/maintenance")
    ] = "/run/maintenance"
    """The file; it must not be there yet."""

    def describe(self) -> str:
        """Return e.g. `mark as under maintenance in /run/maintenance`."""
        return f"mark as under maintenance in {self.path}"

    def occupied(self) -> str:
        """Return the file."""
        return f"file {self.path}"

    def impact_on(self, machine: Machine) -> Impact:
        """Return that clients are sent elsewhere, while Kafka goes on."""
        return DEGRADED
