"""Which machine a host is, and what it is able to do."""

from __future__ import annotations

import re
from collections.abc import Mapping
from ipaddress import ip_interface
from typing import Annotated

from pydantic import AfterValidator, Field

from chaos_runner.faults import Capability
from chaos_runner.faults.capabilities import SYSTEMD
from chaos_runner.fleet.guard_answers.answer import Answer, KnownFault
from chaos_runner.fleet.server_facts import ServerProcess, ServiceFacts

HOST_ONLY = re.compile(
    r"(docker|podman|virbr|lxcbr|lxdbr|cni|br-[0-9a-f]{12}|kube-ipvs|nodelocaldns).*"
)
"""Interfaces behind which only the host's own containers and machines are."""
MOST_ADDRESSES = 1000
"""Of a host on its other interfaces: each may be a peer of every other host's faults."""
MOST_ROUTES = 1000
"""A guard tells of 500."""


def _is_interface(text: str) -> str:
    ip_interface(text)
    return text


def _are_of_a_host(links: dict[str, list[str]]) -> dict[str, list[str]]:
    held = sum(len(each) for device, each in links.items() if not HOST_ONLY.fullmatch(device))
    if held > MOST_ADDRESSES:
        raise ValueError(f"holds {held} addresses")
    return links


Links = Annotated[
    dict[str, list[Annotated[str, AfterValidator(_is_interface)]]], AfterValidator(_are_of_a_host)
]
"""Device to the addresses that it holds."""


class HostIdentity(Answer):
    """Which machine answers, what its clock shows, and whether the host guard is root there."""

    verbs = ("identify",)

    hostname: str = ""
    epoch: float = 0.0
    """Seconds by the host's wall clock."""
    boot_id: str = ""
    root: bool = False


class PreflightFacts(HostIdentity):
    """What a host is able to do and what is still on it; times are seconds."""

    verbs = ("preflight",)

    uptime: float = 0.0
    installed: str | int = ""
    """The SHA-256 of the installed guard; empty where there is none."""
    boot_unit: bool = False
    consent: str = ""
    """The host's file `/etc/chaos-consent.yml` in base64; empty where there is none."""
    device: str = ""
    """The network device that leads to the control node."""
    ssh_port: int = 0
    controller: str = ""
    """The controller's address as the host sees it; empty when it could not tell."""
    links: Links = Field(default_factory=dict)
    """Device to the addresses that it holds, each with its prefix; without loopback's own."""
    routes: Annotated[tuple[str, ...], Field(max_length=MOST_ROUTES)] = ()
    """`PREFIX DEVICE,DEVICE TABLE`, IPv4 and IPv6; without a table it is of the main one."""
    rules: tuple[str, ...] = ()
    """The rules that choose a routing table, as `ip rule` shows them; IPv6's begin with 6."""
    below: tuple[str, ...] = ()
    """`LINK LINK` of each VLAN, bridge or bond, and a link that carries its packets."""
    qdiscs: dict[str, str] = Field(default_factory=dict)
    """Device to its root qdisc, as `KIND HANDLE`."""
    spared: str = ""
    """What the way in needs besides SSH, a line each: `ADDRESS PROTOCOL PORT WHY`."""
    path_problem: str = ""
    """Why the way in cannot be spared by a network fault; empty when it can."""
    path_hint: str = ""
    capabilities: dict[str, bool] = Field(default_factory=dict)
    """Name of a capability to whether the host has it."""
    halted: str = ""
    """Why the host takes no faults until `chaos-runner resume`; empty when it takes them."""
    disk_free_mib: int = 0
    unwritable: tuple[str, ...] = ()
    """The directories of the guard's own files in which nothing can be written, as on a read-only
    file system."""
    faults: tuple[KnownFault, ...] = ()
    residue: tuple[str, ...] = ()
    servers: tuple[ServerProcess, ...] | None = None
    """The Kafka servers that run on the host; None where it could not look."""
    listening: tuple[int, ...] = ()
    """The TCP ports on which something listens."""
    services: tuple[ServiceFacts, ...] = ()
    """The services that were asked about."""

    @property
    def addresses(self) -> tuple[str, ...]:
        """Return the host's own addresses, as it told them, without their prefixes."""
        held = (address for link in self.links.values() for address in link)
        return tuple(dict.fromkeys(address.partition("/")[0] for address in held))

    @property
    def machine(self) -> object:
        """What no two machines share; containers share the boot of the machine they run on.

        None where the host does not tell enough.
        """
        if not (self.boot_id and self.links):
            return None
        links = tuple((link, *sorted(held)) for link, held in sorted(self.links.items()))
        return self.boot_id, self.hostname, links

    def has(self, capability: Capability) -> bool:
        """Tell whether the host has it; one that says nothing of it lacks it."""
        return self.capabilities.get(capability.name, False)

    def needs_guard(self, digest: str) -> bool:
        """Tell whether the guard with this SHA-256 is not the installed one, or boot lacks it."""
        return str(self.installed) != digest or (self.has(SYSTEMD) and not self.boot_unit)

    def cannot_take_guard(self, digest: str) -> list[str]:
        """Return the directories that nothing can be written in, though this guard has to be."""
        if self.needs_guard(digest):
            return [
                each
                for each in self.unwritable
                if each != "/etc/systemd/system" or self.has(SYSTEMD)
            ]
        return [each for each in self.unwritable if each == "/var/lib"]


def servers_on(facts: Mapping[str, PreflightFacts]) -> list[tuple[str, ServerProcess]]:
    """Return each server that hosts told of, with its host."""
    return [(host, server) for host, each in facts.items() for server in each.servers or ()]
