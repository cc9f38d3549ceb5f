"""Split the hosts that a command is meant for into those it can work on and the others. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from chaos_runner.fleet.inventory import Inventory


@dataclass(frozen=True)
class Choice:
    """The hosts to work on; and those that cannot be worked on, each with the reason.

    No fault of ours can be on a host that was never reachable for us (`localhost` of an
    inventory, a network device), so it is `left_out`, and told. One that was named, or where
    nothing else is there to look at, is `unknown`: whoever asks for it wants to know. So is one
    whose variables cannot be read now: it may have been reached when they could.
    """

    hosts: tuple[str, ...]
    unknown: Mapping[str, str] = field(default_factory=dict)
    left_out: Mapping[str, str] = field(default_factory=dict)


def choose_hosts(inventory: Inventory, names: Sequence[str], *, named: bool) -> Choice:
    """Return the choice among `names`; `named` tells whether the user asked for just these."""
    unusable = {name: why for name in names if (why := inventory.hosts[name].unusable)}
    hosts = tuple(name for name in names if name not in unusable)
    if named or not hosts:
        return Choice(hosts, unknown=unusable)
    left_out = {name: why for name, why in unusable.items() if inventory.hosts[name].never_reached}
    unknown = {name: why for name, why in unusable.items() if name not in left_out}
    return Choice(hosts, unknown, left_out)
