"""Foresee which interfaces of a host a role shapes, as it chooses them there. Pure.

The role asks the kernel; this reads the routing tables and rules that preflight brought along.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_interface, ip_network
from itertools import pairwise

from chaos_runner.fleet.address_book import held_addresses
from chaos_runner.fleet.guard_answers.preflight_facts import PreflightFacts

Network = IPv4Network | IPv6Network

_MAIN, _ROOT = "main", 0
_ALL_TRAFFIC = {4: ("from all lookup main",), 6: ("from all lookup main",)}
"""Where a host tells no rules, as one without `ip rule`."""
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
    routing = Routing.of(facts.routes, facts.rules)
    found = {
        device
        for peer in peers
        if peer not in own
        for device in routing.devices_towards(ip_network(peer, strict=False), own)
        if device != "lo"
    }
    return tuple(sorted(found))


def _texts(value: object) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else []


@dataclass(frozen=True)
class _Route:
    network: Network
    devices: tuple[str, ...]
    table: str


@dataclass(frozen=True)
class _Packet:
    """What rules look at: a source, where one was chosen, a destination, and whose it is."""

    source: Network | None
    destination: Network
    user: int


@dataclass(frozen=True)
class Routing:
    """The routes of a host, and the rules of each family in their order.

    It is asked as the host guard asks its kernel: without a source, from each address of the host,
    and as each user that a rule names. Marks of packets are none of it.
    """

    routes: tuple[_Route, ...]
    rules: Mapping[int, tuple[str, ...]]

    @classmethod
    def of(cls, routes: Iterable[str], rules: Iterable[str]) -> Routing:
        """Return what a host told, as its preflight facts have it."""
        listed = list(rules)
        by_family = {
            4: tuple(line.partition(":")[2] for line in listed if not line.startswith("6 ")),
            6: tuple(line.partition(":")[2] for line in listed if line.startswith("6 ")),
        }
        return cls(
            tuple(_routes(routes)), {**_ALL_TRAFFIC, **{k: v for k, v in by_family.items() if v}}
        )

    def devices_towards(self, peer: Network, own: Iterable[str]) -> set[str]:
        """Return the devices that lead to a peer or to any address of a range."""
        target = ip_network(peer.network_address)
        sources = [ip_network(each) for each in own]
        packets = [
            _Packet(None, target, _ROOT),
            *(_Packet(each, target, _ROOT) for each in sources if each.version == peer.version),
            *(_Packet(None, target, user) for user in self._users()),
        ]
        inside = {
            device
            for route in self.routes
            if peer.num_addresses > 1
            and route.table == _MAIN
            and route.network.version == peer.version
            and route.network.network_address in peer
            and route.network.prefixlen >= peer.prefixlen
            for device in route.devices
        }
        return inside.union(*(self._devices_for(packet) for packet in packets))

    def _devices_for(self, packet: _Packet) -> tuple[str, ...]:
        for rule in self.rules[packet.destination.version]:
            words = rule.split()
            if "lookup" not in words or not _applies(words, packet):
                continue
            most = int(_after(words, "suppress_prefixlength") or -1)
            found = [
                route
                for route in self.routes
                if route.table == _after(words, "lookup")
                and packet.destination.network_address in route.network
                and route.network.prefixlen > most
            ]
            if found:
                return max(found, key=lambda route: route.network.prefixlen).devices
        return ()

    def _users(self) -> Iterator[int]:
        for rule in self.rules[4]:
            first = _after(rule.split(), "uidrange").partition("-")[0]
            if first.isdecimal():
                yield int(first)


def _applies(words: list[str], packet: _Packet) -> bool:
    """Tell whether a rule is about a packet; what this cannot know of one is taken as absent."""
    selected = (
        _covers(_after(words, "from"), packet.source)
        and _covers(_after(words, "to"), packet.destination)
        and _after(words, "iif") in {"", "lo"}
        and _is_among(packet.user, _after(words, "uidrange"))
        and not {"fwmark", "oif", "ipproto", "sport", "dport", "tos", "dsfield"} & set(words)
    )
    return selected is not ("not" in words)


def _covers(selector: str, network: Network | None) -> bool:
    if selector in {"", "all"}:
        return True
    with suppress(ValueError):
        return network is not None and network.network_address in ip_network(selector, strict=False)
    return False


def _is_among(user: int, users: str) -> bool:
    first, _, last = users.partition("-")
    return not users or (first.isdecimal() and last.isdecimal() and int(first) <= user <= int(last))


def _after(words: list[str], word: str) -> str:
    """Return the word that follows another; "" where that is missing."""
    return dict(pairwise(words)).get(word, "")


def _routes(lines: Iterable[str]) -> Iterator[_Route]:
    for line in lines:
        prefix, devices, *table = line.split()
        with suppress(ValueError):  # `unreachable` and the like lead nowhere
            network = ip_network(prefix, strict=False)
            yield _Route(network, tuple(devices.split(",")), table[0] if table else _MAIN)
