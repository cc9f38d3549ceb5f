"""Foresee which interfaces of a host a role shapes, as it chooses them there. Pure.

The role asks the kernel; this reads the main routing table that preflight brought along, so
rules of policy routing are not seen here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from ipaddress import IPv4Network, IPv6Network, ip_interface, ip_network

from chaos_runner.fleet.address_book import held_addresses
from chaos_runner.fleet.guard_answers import PreflightFacts

_EVERYBODY = {"0.0.0.0/0", "::/0"}


def shaped_interfaces(
    role: str, variables: Mapping[str, object], facts: PreflightFacts
) -> tuple[str, ...]:
    """Return the interfaces that a role chooses with these variables."""
    named = variables.get(f"{role}_interface")
    if named:
        return (str(named),)
    peers = _texts(variables.get(f"{role}_peers"))
    if peers and not _EVERYBODY & set(peers):
        return _towards(peers, facts) or (facts.device,)
    own = _texts(variables.get(f"{role}_own_addresses"))
    return (device_holding(own, facts) or facts.device,)


def device_holding(addresses: Iterable[str], facts: PreflightFacts) -> str:
    """Return the interface that holds one of the addresses, the first that is there, or nothing."""
    holders = {
        str(ip_interface(each).ip): device for device, held in facts.links.items() for each in held
    }
    return next((holders[address] for address in addresses if address in holders), "")


def _towards(peers: Iterable[str], facts: PreflightFacts) -> tuple[str, ...]:
    own = set(held_addresses(facts))
    routes = list(_routes(facts))
    found = {
        device
        for peer in peers
        if peer not in own
        for device in _devices_of(ip_network(peer, strict=False), routes)
        if device != "lo"
    }
    return tuple(sorted(found))


def _devices_of(
    peer: IPv4Network | IPv6Network, routes: list[tuple[IPv4Network | IPv6Network, str]]
) -> set[str]:
    """Return the device of the closest route, and those of every route within a range."""
    containing = [each for each in routes if peer.network_address in each[0]]
    closest = max(containing, key=lambda each: each[0].prefixlen, default=None)
    inside = {
        device
        for network, device in routes
        if peer.num_addresses > 1
        and network.version == peer.version
        and network.network_address in peer
        and network.prefixlen >= peer.prefixlen
    }
    return inside | ({closest[1]} if closest else set())


def _routes(facts: PreflightFacts) -> Iterable[tuple[IPv4Network | IPv6Network, str]]:
    for line in facts.routes:
        prefix, _, device = line.partition(" ")
        with suppress(ValueError):  # `unreachable` and the like lead nowhere
            yield ip_network(prefix, strict=False), device


def _texts(value: object) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else []
