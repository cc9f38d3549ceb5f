"""Stop a systemd service, and restore exactly the state it was in."""

from __future__ import annotations

from typing import ClassVar

from chaos_runner.faults.service_fault import ServiceFault


class ServiceStop(ServiceFault):
    """Stop a systemd service of the targets.

    Its state is restored exactly, with everything that went down along with it. A service that
    starts slowly is waited for; it is back when it has been as before for three seconds. Refused
    are services that a host does not have, those without which it could not be reached (`sshd`,
    the network's, whatever carries the session), and what could not be started again (transient
    and masked units); [the role](../../roles/service_stop/README.md#what-it-refuses) lists them.
    """

    kind: ClassVar[str] = "service_stop"
    survives_restart: ClassVar[bool] = True

    def describe(self) -> str:
        """Return e.g. `stop service kafka`."""
        return f"stop service {self.name}"

    def outcome(self) -> str:
        """Return e.g. `had kafka stopped`."""
        return f"had {self.name} stopped"
