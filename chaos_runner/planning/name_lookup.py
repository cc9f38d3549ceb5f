"""Resolve the names of hosts on the control node, before a fault could be in the way."""

from __future__ import annotations

import socket
from collections.abc import Iterable

from chaos_runner.fleet.inventory import Inventory, is_address


def look_up_hosts(inventory: Inventory, hosts: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return what each name that stands for an address resolves to, IPv4 and IPv6.

    A name that does not resolve gets nothing: that is told in the plan, where it matters.
    """
    names = dict.fromkeys(inventory.hosts[host].address for host in hosts)
    return {name: _look_up(name) for name in names if not is_address(name)}


def _look_up(name: str) -> tuple[str, ...]:
    try:
        found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return ()
    return tuple(dict.fromkeys(str(address[0]) for *_, address in found))
