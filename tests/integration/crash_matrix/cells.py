"""The cells of the crash matrix: which fault, at which moment, meets which death. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from tests.integration.crash_matrix.other_faults import OTHERS, OWN_DISK
from tests.integration.crash_matrix.services import KINDS, PLAIN, Service

Host = Literal["container", "machine"]

STOPS = {
    "service_stop": PLAIN,
    **{f"service_stop, {kind}": service for kind, service in KINDS.items()},
}
"""Row to the service that its fault stops."""
FAULTS = {
    "network_latency": "network_latency: {delay: 50ms}",
    "network_partition": "network_partition: {}",
    **{row: f"service_stop: {{service: {service.name}}}" for row, service in STOPS.items()},
    **{row: other.fault for row, other in OTHERS.items()},
}
"""Row to the fault of an experiment; the partition is one of everything."""


@dataclass(frozen=True)
class Moment:
    """The call of a tool at which the guard is held: see hold.sh."""

    name: str
    holds: dict[str, str]
    """Role to what hold.sh waits for; `*` stands for every role, none for no hold at all."""
    in_roll_back: bool = False

    def hold_for(self, row: str) -> str | None:
        """Return the hold of a row's role, or None where the fault is simply on."""
        return self.holds.get(row.partition(",")[0], self.holds.get("*"))


MOMENTS = (
    Moment("before arm", {"*": "systemd-run before inject PREPARED"}),
    Moment("after arm", {"*": "systemctl after inject PREPARED is-active"}),
    Moment(
        "mid-apply",
        {
            "network_latency": "tc after inject APPLYING qdisc add dev eth0 parent",
            "network_partition": "nft after inject APPLYING -f",
            "service_stop": "systemctl after inject APPLYING stop",
            **{row: other.mid_apply for row, other in OTHERS.items() if other.mid_apply},
        },
    ),
    Moment("active", {}),
    Moment("renewing", {"*": "flock after renew ACTIVE"}),
    Moment(
        "mid-revert",
        {
            "network_latency": "nft after any REVERTING -f",
            "network_partition": "nft after any REVERTING -f",
            "service_stop": "systemctl before any REVERTING start",
            **{row: other.mid_revert for row, other in OTHERS.items() if other.mid_revert},
        },
        in_roll_back=True,
    ),
    Moment("after revert", {"*": "sync before any CLEAN"}, in_roll_back=True),
)

DEATHS = (
    "controller killed",
    "network of the controller gone",
    "Ctrl-C twice",
    "ansible-playbook killed",
    "sshd stopped",
    "host rebooted",
    "chaos-guard killed",
    "daemon-reload and daemon-reexec",
    "wall clock back an hour",
    "disk full",
    "Python removed",
    "nft flush ruleset",
    "two runs at once",
    "unreachable at roll-back",
    "/var/lib read-only",
    "fsync hangs",
    "/run full",
    "record truncated",
    "guard truncated",
    "terminal closed",
    "a peer host silent",
    "sudo slow by 5 s",
)

DEATHS_OF_ALL = (
    "controller killed",
    "host rebooted",
    "chaos-guard killed",
    "disk full",
    "/var/lib read-only",
    "record truncated",
    "guard truncated",
)
"""The deaths that every kind of fault meets: what each kind makes has to be found and undone. What
a death does to channels and leases is the same for all kinds, and three of them show it."""

CI = {
    ("network_flap", "active", "controller killed"),
    ("dns_failure", "mid-apply", "/var/lib read-only"),
    ("service_pause", "active", "chaos-guard killed"),
    ("service_kill", "mid-revert", "disk full"),
    ("process_pause", "active", "record truncated"),
    ("disk_fill", "active", "host rebooted"),
    ("inode_fill", "active", "chaos-guard killed"),
    ("log_flood", "mid-revert", "chaos-guard killed"),
    ("file_descriptors", "active", "guard truncated"),
    ("connection_exhaustion", "mid-apply", "controller killed"),
    ("mtu_black_hole", "active", "record truncated"),
    ("cpu_stress", "mid-apply", "controller killed"),
    ("memory_stress", "active", "/var/lib read-only"),
    ("network_partition", "active", "network of the controller gone"),
    ("network_partition", "active", "nft flush ruleset"),
    ("network_partition", "active", "Python removed"),
    ("network_partition", "renewing", "Ctrl-C twice"),
    ("network_partition", "mid-revert", "ansible-playbook killed"),
    ("network_partition", "mid-revert", "host rebooted"),
    ("network_partition", "after revert", "controller killed"),
    ("network_partition", "active", "unreachable at roll-back"),
    ("service_stop", "before arm", "disk full"),
    ("service_stop", "after arm", "ansible-playbook killed"),
    ("service_stop", "active", "daemon-reload and daemon-reexec"),
    ("service_stop", "active", "sshd stopped"),
    ("service_stop", "renewing", "two runs at once"),
    ("service_stop", "mid-revert", "chaos-guard killed"),
    ("service_stop, socket-activated", "mid-apply", "chaos-guard killed"),
    ("service_stop, with PropagatesStopTo", "mid-revert", "fsync hangs"),
    ("service_stop, Restart=always with a timer", "mid-apply", "record truncated"),
    ("service_stop, slow to stop", "mid-apply", "/run full"),
    ("service_stop, dying after start", "active", "terminal closed"),
    ("service_stop, ordered after multi-user.target", "active", "host rebooted"),
    ("network_partition", "active", "a peer host silent"),
    ("network_partition", "active", "sudo slow by 5 s"),
    ("network_latency", "active", "wall clock back an hour"),
}
"""A subset in which every fault that a container can carry, every moment and every death occurs,
for each CI run. What rows that need a machine would show there, sandboxes show in less time."""


@dataclass(frozen=True)
class Cell:
    """One cell, and the kind of host it runs on."""

    role: str
    """The row: a fault role, and for a service what kind of service it stops."""
    moment: Moment
    death: str
    host: Host

    @property
    def service(self) -> Service | None:
        """Return the service that the fault stops, if it stops one."""
        return STOPS.get(self.role)

    @property
    def units(self) -> tuple[str, ...]:
        """Return the units that are to be up in the end."""
        if self.role in OTHERS:
            return OTHERS[self.role].units
        return tuple(self.service.units) if self.service else ()

    @property
    def name(self) -> str:
        """Return the cell in words."""
        return f"{self.role}, {self.moment.name}, {self.death}, {self.host}"

    @property
    def in_ci(self) -> bool:
        """Tell whether the cell belongs to the covering subset.

        A reboot of the emulated machine takes minutes, so one of them stands for all.
        """
        if (self.role, self.moment.name, self.death) not in CI:
            return False
        is_reboot = self.death == "host rebooted" and self.host == "machine"
        return not is_reboot or self.role == BOOT_ORDER_ROW


BOOT_ORDER_ROW = "service_stop, ordered after multi-user.target"
"""The row whose boot is the hardest: its service comes after all that the boot unit could hold."""
REBOOTED_ON_BOTH = (
    "network_latency",
    "network_partition",
    "service_stop",
    BOOT_ORDER_ROW,
)
"""Rows whose reboot is tried on both kinds of host."""


def not_there(role: str, moment: Moment, death: str) -> str:
    """Return why such a cell does not exist, or nothing when it does."""
    if death == "ansible-playbook killed" and moment.name in ("active", "renewing"):
        return "no playbook runs then"
    if death == "nft flush ruleset" and role in STOPS:
        return "the fault has nothing in nftables"
    if role in OTHERS:
        if death not in DEATHS_OF_ALL:
            return "three kinds of faults show this death"
        if death == "host rebooted" and OWN_DISK in FAULTS[role]:
            return "its disk is mounted by hand"
        if moment.name not in ("after arm", "active", *moment.holds.keys() & {"*"}) and (
            role not in moment.holds
        ):
            return "no tool is called there that could be held"
    if role in STOPS and role != "service_stop":
        if moment.name not in ("mid-apply", "active", "mid-revert"):
            return "a kind of service matters while it is stopped, down and started"
        if death == "wall clock back an hour" and "timer" not in role:
            return "nothing of the service goes by the clock"
    return ""


def every_cell(*, netem_in_containers: bool) -> Iterator[Cell]:
    """Yield every cell of the matrix that exists, each on the swiftest kind of host that can.

    A reboot is tried on both kinds where both can carry the fault: a container's is a restart.
    """
    for role in FAULTS:
        for moment in MOMENTS:
            for death in DEATHS:
                if not not_there(role, moment, death):
                    for host in _hosts(role, death, netem_in_containers):
                        yield Cell(role, moment, death, host)


def _hosts(role: str, death: str, netem_in_containers: bool) -> tuple[Host, ...]:
    if death == "wall clock back an hour":
        return ("machine",)  # a container has no clock of its own
    if role == "network_latency" and not netem_in_containers:
        return ("machine",)
    if role in OTHERS and OTHERS[role].on_machine:
        return ("machine",)
    if death == "host rebooted" and role in REBOOTED_ON_BOTH:
        return ("container", "machine")
    if death == "fsync hangs" and role == "service_stop":
        return ("container", "machine")  # whose file system can be frozen
    return ("container",)
