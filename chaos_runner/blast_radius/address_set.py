"""IP addresses and ranges that a fault is limited to, and whether a machine is among them. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

from chaos_runner.fleet.inventory import is_address


@dataclass(frozen=True)
class AddressSet:
    """Single addresses, which are found at once, and ranges."""

    single: frozenset[IPv4Address | IPv6Address]
    ranges: tuple[IPv4Network | IPv6Network, ...]

    def has_any(self, known_as: Iterable[str]) -> bool:
        """Tell whether one of a machine's addresses is among them; its names are not."""
        return any(
            address in self.single or any(address in each for each in self.ranges)
            for address in map(ip_address, filter(is_address, known_as))
        )


@lru_cache(maxsize=1024)
def address_set(peers: tuple[str, ...]) -> AddressSet:
    """Return IP addresses and CIDR ranges as a set."""
    networks = [ip_network(peer, strict=False) for peer in peers]
    single = (each.network_address for each in networks if each.num_addresses == 1)
    ranges = (each for each in networks if each.num_addresses > 1)
    return AddressSet(frozenset(single), tuple(ranges))
