"""Stop a systemd service, and restore exactly the state it was in."""

from __future__ import annotations

from typing import ClassVar

from chaos_runner.faults.service_fault import ServiceFault


class ServiceStop(ServiceFault):
    """Stop a systemd service of the targets."""

    kind: ClassVar[str] = "service_stop"
    survives_restart: ClassVar[bool] = True

    def describe(self) -> str:
        """Return e.g. `stop service kafka`."""
        return f"stop service {self.name}"

    def outcome(self) -> str:
        """Return e.g. `had kafka stopped`."""
        return f"had {self.name} stopped"
