"""Stop a systemd service, and restore exactly the state it was in."""

from __future__ import annotations

import re
from typing import Annotated, ClassVar

from pydantic import AfterValidator

from chaos_runner.faults.base import FaultOptions, Resolve
from chaos_runner.faults.values import Matching

_NAME = r"[A-Za-z0-9:_][A-Za-z0-9:_.@\\-]{0,200}"
_OTHER_UNITS = re.compile(
    r"\.(socket|device|mount|automount|swap|target|path|timer|slice|scope)$", re.ASCII
)
_CONTROL_PATH = re.compile(
    r"(ssh|sshd|dropbear|networking|network|NetworkManager|wpa_supplicant|dhcpcd|dhclient|"
    r"dbus|dbus-broker|firewalld|nftables|chaos-guard.*|systemd-.*)(@.*)?",
    re.ASCII | re.IGNORECASE,
)
"""Services without which no host can be reached or put itself back: these need no host to be
refused. What else carries the session, the host itself sees: control_path.sh.j2 of the role."""


def unit_name(service: str) -> str:
    """Return the name of a service's unit, which may be written without `.service`.

    The role does the same for whoever uses it alone; a test compares the two.
    """
    return service if service.endswith(".service") else f"{service}.service"


def _check(service: str) -> str:
    if _OTHER_UNITS.search(service):
        raise ValueError(f"found `{service}`; allowed are services, not units of another type")
    if _CONTROL_PATH.fullmatch(service.removesuffix(".service")):
        raise ValueError(
            f"found `{service}`, which is refused: without it the host could not be reached "
            "or could not put itself back"
        )
    return service


class ServiceStop(FaultOptions):
    """Stop a service of the target; roll-back restores exactly the state it was in."""

    kind: ClassVar[str] = "service_stop"
    needs: ClassVar[frozenset[str]] = frozenset({"systemd"})
    survives_restart: ClassVar[bool] = True

    service: Annotated[
        str, Matching(_NAME, "the name of a systemd service", "kafka"), AfterValidator(_check)
    ]
    """The systemd service to stop, with or without `.service`."""

    def summary(self) -> str:
        """Return e.g. `stop service kafka`."""
        return f"stop service {self.service.removesuffix('.service')}"

    def role_variables(self, resolve: Resolve) -> dict[str, object]:
        """Return the variables of roles/service_stop."""
        return {"service_stop_service": self.service}
