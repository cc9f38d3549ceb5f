"""What `chaos-guard` answers on a host, as typed data.

Every verb of the guard answers one JSON line, which `hosts.guard_answer` reads as the model of its
verb. A failure (`ok` false) reads as the same model, with
`error` and `hint` in the guard's words. Keys that a newer guard adds are ignored, keys that
an older one lacks get the pessimistic default, so a mixed fleet stays readable.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from ipaddress import ip_interface
from typing import Annotated, ClassVar, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from chaos_runner.faults import Capability
from chaos_runner.faults.capabilities import SYSTEMD
from chaos_runner.fleet.server_facts import ServerProcess, ServiceFacts
from chaos_runner.measurements.reading import Readings

AnswerModel = TypeVar("AnswerModel", bound="Answer")
CleanState = Literal["clean", "dirty", "pending"]
"""`pending`: undone, but the host is still on its way back, or its disk is; ask again."""

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

OVER = frozenset({"CLEAN", "ACCEPTED"})
"""The phases in which a fault is over. Any other, UNKNOWN too, may still have something on."""


class Answer(BaseModel):
    """What every answer has."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    verbs: ClassVar[tuple[str, ...]] = ()
    """The verbs that are answered like this."""

    guard: str | int = ""
    """The guard's version."""
    token: str = ""
    """What the asker sent along, so that no other text can be taken for the answer."""
    verb: str = ""
    ok: bool = False
    error: str = ""
    hint: str = ""
    refused: bool = False
    """True when the guard declined for safety and touched nothing."""
    busy: bool = False
    """True when another verb is at work on the host: ask again."""
    now: float = 0.0
    """The host's uptime at the answer, in seconds, suspended time included."""
    problems: list[str] = []
    """What could not be looked at; with any, nothing is proved."""


class KnownFault(BaseModel):
    """One fault that a host remembers; it is over in the phases of `OVER`."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    fault: str
    run: str = ""
    kind: str = ""
    phase: str = ""


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
    links: Links = {}
    """Device to the addresses that it holds, each with its prefix; without loopback's own."""
    routes: Annotated[list[str], Field(max_length=MOST_ROUTES)] = []
    """`PREFIX DEVICE,DEVICE TABLE`, IPv4 and IPv6; without a table it is of the main one."""
    rules: list[str] = []
    """The rules that choose a routing table, as `ip rule` shows them; IPv6's begin with 6."""
    below: list[str] = []
    """`LINK LINK` of each VLAN, bridge or bond, and a link that carries its packets."""
    qdiscs: dict[str, str] = {}
    """Device to its root qdisc, as `KIND HANDLE`."""
    spared: str = ""
    """What the way in needs besides SSH, a line each: `ADDRESS PROTOCOL PORT WHY`."""
    path_problem: str = ""
    """Why the way in cannot be spared by a network fault; empty when it can."""
    path_hint: str = ""
    capabilities: dict[str, bool] = {}
    """Name of a capability to whether the host has it."""
    halted: str = ""
    """Why the host takes no faults until `chaos-runner resume`; empty when it takes them."""
    disk_free_mib: int = 0
    unwritable: list[str] = []
    """The directories of the guard's own files in which nothing can be written, as on a read-only
    file system."""
    faults: list[KnownFault] = []
    residue: list[str] = []
    servers: list[ServerProcess] | None = None
    """The Kafka servers that run on the host; None where it could not look."""
    listening: list[int] = []
    """The TCP ports on which something listens."""
    services: list[ServiceFacts] = []
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


class InjectAnswer(Answer):
    """What a host says after arm and apply; deadlines are in seconds of its uptime."""

    verbs = ("inject", "apply")

    fault: str = ""
    phase: str = ""
    lease: float = 0.0
    deadline: float = 0.0
    cap_deadline: float = 0.0
    fingerprint: str = ""
    """SHA-256 of the host's fingerprint before the fault."""
    effect: bool = False
    readings: Readings = ()
    """What was seen of it."""


class RenewedFault(KnownFault):
    """One fault whose lease was renewed; `effect` tells whether it is still in place."""

    effect: bool = False
    deadline: float = 0.0
    busy: bool = False
    """True when another verb is at work on this fault: nothing is known of it; ask again."""


class RenewAnswer(Answer):
    """Which faults of a run got a longer lease; `ok` is false when none was active."""

    verbs = ("renew",)

    run: str = ""
    faults: list[RenewedFault] = []


class RevertedFault(KnownFault):
    """One fault that was undone, and the proof: the fingerprints before and after."""

    by: str = ""
    """Who undid it: `revert`, or `lease`, `timer` or `boot` when the host had already."""
    held: float | None = None
    """Seconds for which it was on; None where the host does not know."""
    ended_ago: float | None = None
    """Seconds since it was taken back; None where the host does not know."""
    fingerprint_before: str = ""
    fingerprint_after: str = ""
    differences: list[str] = []
    """Lines the fault answers for in which the host is not as it was; any makes it dirty."""
    others: list[str] = []
    """Lines that no fault of ours can change, and that somebody else changed meanwhile."""
    healed: bool | None = None
    """Whether the path the fault was on is back where it was, as seen from the host itself."""
    readings: Readings = ()
    """What was seen of it."""
    awaited: str = ""
    """What the host still waits for, where the state is pending."""
    accepted: list[str] = []
    """The differing lines that somebody accepted as they are now; see `accept`."""


class RevertAnswer(Answer):
    """How a host is after a roll-back."""

    verbs = ("revert",)

    state: CleanState = "dirty"
    faults: list[RevertedFault] = []
    residue: list[str] = []
    """What is left of ours that belongs to no record; looked for by `revert --all`."""
    removed: list[str] = []
    """What was ours without a record, and was taken away by `revert --all`."""
    halt_error: str = ""
    """Why the host does not keep that it is halted; then `ok` is false, `state` still holds."""


class AcceptAnswer(RevertAnswer):
    """What was accepted as it is now: each fault with its differing lines in `accepted`.

    `state` is clean when no fault that was asked for is open any more.
    """

    verbs = ("accept",)


class AuditAnswer(Answer):
    """What chaos-runner left on a host, if anything."""

    verbs = ("audit",)

    clean: bool = False
    """True only where all could be looked at, as root, and nothing was found."""
    residue: list[str] = []
    faults: list[KnownFault] = []


class ResumeAnswer(Answer):
    """That a host takes faults again."""

    verbs = ("resume",)


class ForgetAnswer(Answer):
    """That a host dropped what it knew of a finished run."""

    verbs = ("forget",)
