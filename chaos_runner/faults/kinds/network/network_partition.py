"""Cut a host off from its peers, by nftables or iptables."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, ClassVar, Literal

from pydantic import Field, ValidationInfo, field_validator

from chaos_runner.faults.capabilities import PACKET_FILTER, Capability
from chaos_runner.faults.impact import Impact, Machine
from chaos_runner.faults.network_fault import MEASURED, TrafficFault
from chaos_runner.faults.partition_shapes import (
    Direction,
    Shape,
    Split,
    split_by_groups,
    split_by_shape,
)
from chaos_runner.faults.role_options import ResolvedByPlan, RoleOption
from chaos_runner.faults.values import HostPattern

Action = Literal["drop", "reject", "reset"]
_WORDS: dict[Direction, str] = {"both": "from and to", "in": "from", "out": "to"}
_SHAPES: dict[Shape, str] = {
    "isolate": "between one target and the others",
    "halves": "between halves of the targets",
    "majority_minority": "between a minority of the targets and the others",
    "bridge": "between halves of the targets, but for one that hears all",
    "majorities_ring": "in a majorities ring of the targets",
    "racks": "between the racks of the targets",
}
_FIRST_SIDE: dict[Direction, str] = {
    "both": "",
    "in": " (only what the first side receives)",
    "out": " (only what the first side sends)",
}
_ONE_WAY: dict[Direction, str] = {"both": "", "in": " (incoming only)", "out": " (outgoing only)"}


class NetworkPartition(TrafficFault):
    """Cut the targets off from their peers: drop, reject or reset packets.

    Without options packets from and to every peer are dropped. What a target forwards passes, and
    the path of the control node's own connection
    [stays open](../concepts/channels.md#what-stays-open). `reject` and `reset` fail fast where
    `drop` makes everybody wait: a client sees "connection refused" at once, and no timeout. The
    kernel sends no more than some ICMP errors a second to one machine, so not each rejected packet
    is answered. nftables do it, or iptables with ipset.

    With `shape` or `groups` the targets are cut from one another, and from nobody else:
    [network partitions](../guide/partitions.md) draws them. In one `direction` the fault goes to
    the first side alone: with `in` it does not hear the others, with `out` they do not hear it.
    """

    kind: ClassVar[str] = "network_partition"
    role_title: ClassVar[str] = "Cut a host off from its peers, wholly or in part"
    needs: ClassVar[frozenset[Capability]] = frozenset({PACKET_FILTER})
    ends_in_kernel: ClassVar[bool] = True
    role_only: ClassVar[tuple[RoleOption, ...]] = (
        RoleOption(
            "backend",
            "The packet filter: nft, iptables, or nft where the host has it (auto).",
            "auto",
            choices=("auto", "nft", "iptables"),
        ),
        MEASURED,
    )

    shape: Annotated[Shape | None, ResolvedByPlan()] = None
    """Cut the targets from one another: `isolate` the first from the rest, `halves`,
    `majority_minority`, `bridge` (halves, and one host that hears all), `majorities_ring`
    (each hears a majority, no two the same), `racks` (by `broker.rack`)."""
    groups: Annotated[list[HostPattern], ResolvedByPlan()] = Field(default=[], max_length=64)
    """Cut the targets from one another by groups of the inventory, such as racks: each group is
    a side, and the targets in none are one more."""
    direction: Direction = "both"
    """`in` concerns what the target receives, `out` what it sends, `both` either."""
    action: Action = "drop"
    """`drop` loses packets silently; `reject` answers each with an ICMP error; `reset` ends TCP
    connections, open and new ones, with a reset at their next packet, and drops the rest."""

    @field_validator("shape", "groups")
    @classmethod
    def _instead_of_peers(cls, value: object, info: ValidationInfo) -> object:
        others = [name for name in ("peers", "shape") if info.data.get(name)]
        if value and others:
            raise ValueError(
                f"stands beside `{others[0]}`; allowed is one of peers, shape and groups"
            )
        return value

    @field_validator("direction")
    @classmethod
    def _a_ring_has_no_sides(cls, direction: Direction, info: ValidationInfo) -> Direction:
        if direction != "both" and info.data.get("shape") == "majorities_ring":
            raise ValueError(
                f"found `{direction}`; a majorities ring has no sides, so allowed is `both`"
            )
        return direction

    def concerned_direction(self) -> Direction:
        """Return that which was asked for."""
        return self.direction

    def split_of(
        self,
        targets: Sequence[str],
        seed: int,
        members_of: Callable[[str], Sequence[str]],
        racks: Callable[[], Mapping[str, Sequence[str]]],
    ) -> Split | None:
        """Return how its shape or its groups cut the targets from one another."""
        if self.groups:
            return split_by_groups(targets, {name: members_of(name) for name in self.groups})
        if self.shape == "racks":
            return split_by_groups(targets, racks())
        return split_by_shape(targets, self.shape, seed) if self.shape else None

    def whom(self) -> str:
        """Return e.g. `from and to all peers`, `between halves of the targets`."""
        if not self._splits():
            return f"{_WORDS[self.direction]} {super().whom()}"
        if self.groups:
            others = self.groups[1:] or ["the other targets"]
            return f"between {', '.join([*self.groups[:1], *others[:-1]])} and {others[-1]}"
        return _SHAPES[self.shape] if self.shape else ""

    def describe(self) -> str:
        """Return e.g. `drop from and to all peers`, `drop between halves of the targets`."""
        one_way = _FIRST_SIDE[self.direction] if self._splits() else ""
        return f"{self.action} {self.traffic()}{one_way}"

    def outcome(self) -> str:
        """Return e.g. `was cut off (incoming only)`."""
        how = {"drop": "", "reject": " by ICMP errors", "reset": " by TCP resets"}[self.action]
        whom = "was cut from other targets" if self._splits() else "was cut off"
        return f"{whom}{how}{_ONE_WAY[self.direction]}"

    def impact_on(self, machine: Machine) -> Impact:
        """Return a cut."""
        return self.impact_of_cut(machine)

    def choices_on(self, capabilities: frozenset[str]) -> dict[str, object]:
        """Return the packet filter that the role takes there: nft where it works."""
        return {"network_partition_backend": "nft" if "nft" in capabilities else "iptables"}

    def _splits(self) -> bool:
        return bool(self.shape or self.groups)
