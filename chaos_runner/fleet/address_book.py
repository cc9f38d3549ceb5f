"""Know every address of a machine: by inventory and DNS, by itself, by the cluster. Pure.

A fault that names a peer means the machine: whichever of its addresses Kafka uses there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from ipaddress import IPv6Address, ip_address, ip_interface

from chaos_runner.errors import InvalidInventoryError
from chaos_runner.fleet.guard_answers.preflight_facts import HOST_ONLY, PreflightFacts
from chaos_runner.fleet.inventory import Inventory, is_address
from chaos_runner.measurements.cluster_snapshot import Broker, ClusterSnapshot, known_as


@dataclass(frozen=True)
class AddressBook:
    """Who knows which machine under which address."""

    inventory: Inventory
    facts: Mapping[str, PreflightFacts] = field(default_factory=dict)
    """What the hosts that answered say of themselves."""
    silent: Mapping[str, str] = field(default_factory=dict)
    """Why the other hosts that were asked did not answer."""
    cluster: ClusterSnapshot | None = None
    resolved: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Name to what it resolves to on the control node, nothing where it does not."""

    def of_host(self, name: str) -> tuple[str, ...]:
        """Return every address of a host, those that Kafka advertises first.

        Raises InvalidInventoryError where none is known that other hosts could use.
        """
        known = self._of_host(name)
        if usable := usable_addresses(known):
            return usable
        unusable = ", ".join(dict.fromkeys(known))
        raise InvalidInventoryError(
            f"peer {name} has no IP address in {self.inventory.source}"
            + (f" that other hosts could use, only {unusable}" if unusable else ""),
            "set ansible_host to its address, or chaos_addresses to a list of them",
        )

    def knows(self, name: str) -> bool:
        """Tell whether a host has an address that other hosts could use."""
        return bool(usable_addresses(self._of_host(name)))

    def advertised_by(self, name: str) -> tuple[str, ...]:
        """Return the addresses that the brokers on a host advertise, resolved."""
        brokers = self._brokers_on(name)
        return usable_addresses(each for one in brokers for each in (one.host, *one.addresses))

    def ports_advertised_by(self, name: str) -> frozenset[int]:
        """Return the ports that the brokers on a host advertise."""
        return frozenset(broker.port for broker in self._brokers_on(name))

    def remarks_on(self, name: str) -> list[str]:
        """Return what of a host's addresses could not be looked up."""
        host = self.inventory.hosts[name]
        remarks = []
        if name in self.silent:
            remarks.append(
                f"{name} could not be asked for its addresses ({self.silent[name]}); "
                "those of the inventory and the cluster count"
            )
        if not is_address(host.address) and not self.resolved.get(host.address, ()):
            remarks.append(f"the name {host.address} of {name} does not resolve here")
        return remarks

    def _brokers_on(self, name: str) -> list[Broker]:
        own = known_as(
            (*self.inventory.names_of(name), *self._resolved(name), *self._held_alone_by(name))
        )
        brokers = self.cluster.brokers.values() if self.cluster else ()
        return [each for each in brokers if own & known_as((each.host, *each.addresses))]

    def _of_host(self, name: str) -> tuple[str, ...]:
        written = (*filter(is_address, self.inventory.names_of(name)), *self._resolved(name))
        return (*self.advertised_by(name), *written, *self._held_alone_by(name))

    def _resolved(self, name: str) -> tuple[str, ...]:
        address = self.inventory.hosts[name].address
        return () if address in self.inventory.gateways else self.resolved.get(address, ())

    def _held_alone_by(self, name: str) -> tuple[str, ...]:
        """Return what is on the host's interfaces, without what others hold as well."""
        if name not in self.facts:
            return ()
        held = held_addresses(self.facts[name])
        return tuple(address for address in held if self._holders[address] == 1)

    @cached_property
    def _holders(self) -> Counter[str]:
        """Count the machines that hold an address; one with two names in the inventory is one."""
        machines = {facts.machine or name: facts for name, facts in self.facts.items()}
        return Counter(
            address for facts in machines.values() for address in set(held_addresses(facts))
        )


def held_addresses(facts: PreflightFacts) -> tuple[str, ...]:
    """Return the addresses on a host's interfaces by which others may reach it."""
    return usable_addresses(
        str(ip_interface(address).ip)
        for device, addresses in facts.links.items()
        if not HOST_ONLY.fullmatch(device)
        for address in addresses
    )


def usable_addresses(texts: Iterable[str]) -> tuple[str, ...]:
    """Return IP addresses as they stand in packets, without names and local ones, each once.

    Loopback, link-local (with or without zone), multicast and unspecified addresses mean
    another machine, or none, elsewhere.
    """
    usable: dict[str, None] = {}
    for text in texts:
        if not is_address(text):
            continue
        address = ip_address(text)
        if isinstance(address, IPv6Address) and address.ipv4_mapped:
            address = address.ipv4_mapped
        local = address.is_loopback or address.is_link_local
        if not (local or address.is_multicast or address.is_unspecified):
            usable[str(address)] = None
    return tuple(usable)
