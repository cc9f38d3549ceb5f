"""The base of the fault kinds that concern a systemd service."""

from __future__ import annotations

import re
from typing import Annotated, ClassVar

from pydantic import AfterValidator

from chaos_runner.faults.capabilities import SYSTEMD, Capability
from chaos_runner.faults.impact import NO_IMPACT, Harm, Impact, Machine
from chaos_runner.faults.kind import FaultKind
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
refused. What else carries the session, the host itself sees."""


def unit_name(service: str) -> str:
    """Return the name of a service's unit, which may be written without `.service`.

    The roles do the same for whoever uses them alone; a test compares the two.
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


Service = Annotated[
    str, Matching(_NAME, "the name of a systemd service", "kafka"), AfterValidator(_check)
]
"""A systemd service that a fault may touch, with or without `.service`."""


class ServiceFault(FaultKind):
    """A disturbance of one systemd service."""

    needs: ClassVar[frozenset[Capability]] = frozenset({SYSTEMD})
    role_defaults: ClassVar[dict[str, object]] = {"service": "kafka"}
    harm: ClassVar[Harm] = Harm.UNAVAILABLE
    """What becomes of a server of the cluster in it."""

    service: Service
    """The systemd service, with or without `.service`."""

    @property
    def name(self) -> str:
        """Return the service's name as people say it, without `.service`."""
        return self.service.removesuffix(".service")

    def occupied(self) -> str:
        """Return the service: two faults on it would take each other for the cause."""
        return f"service {self.name}"

    def impact_on(self, machine: Machine) -> Impact:
        """Return what it does to a broker in the service."""
        use = machine.use_of(self.service)
        if use.unknown:
            return Impact(self.harm, unknown=use.unknown)
        return Impact(self.harm) if use.has_server else NO_IMPACT
