"""Pause a systemd service by SIGSTOP, and let exactly what was paused go on."""

from __future__ import annotations

from typing import ClassVar

from chaos_runner.faults.service_fault import ServiceFault


class ServicePause(ServiceFault):
    """Pause all processes of a systemd service of the targets.

    To the service no time passes: what it holds, connections and ports among it, stays, and nobody
    is answered. So a broker becomes a zombie, which comes back as if it still led what others lead
    by then. Refused are services with a watchdog, since systemd would kill them, and what carries
    the session; [the role](../../roles/service_pause/README.md#what-it-refuses) lists what else.
    """

    kind: ClassVar[str] = "service_pause"

    def describe(self) -> str:
        """Return e.g. `pause service kafka`."""
        return f"pause service {self.name}"

    def outcome(self) -> str:
        """Return e.g. `had kafka paused`."""
        return f"had {self.name} paused"
