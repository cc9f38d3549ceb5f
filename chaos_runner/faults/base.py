"""What every fault kind has in common, and the base of everything a user writes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, SerializerFunctionWrapHandler, model_serializer

from chaos_runner.errors import InvalidInventoryError

Resolve = Callable[[list[str]], list[str]]
"""Map peers as written (hosts, groups, patterns, IP, CIDR) to IP addresses and CIDR ranges."""


class WrittenModel(BaseModel):
    """Refuse unknown keys, wrong types and later changes.

    Attribute docstrings become the descriptions of the JSON Schema. A dump leaves out what is
    not set, so that it can be read again.
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, use_attribute_docstrings=True
    )

    @model_serializer(mode="wrap")
    def _without_unset(self, serialize: SerializerFunctionWrapHandler) -> dict[str, object]:
        return {key: value for key, value in serialize(self).items() if value is not None}


class FaultOptions(WrittenModel, ABC):
    """Describe one disturbance of one kind, without its targets and its duration."""

    kind: ClassVar[str]
    """The key in an experiment file and the name of the role."""
    needs: ClassVar[frozenset[str]]
    """What a host must have: `netem`, `nft`, `packet_filter` (nft, or iptables and ipset),
    `systemd`."""

    ends_in_kernel: ClassVar[bool] = False
    """Whether the kernel ends it when the lease is over, though no program runs any more."""
    survives_restart: ClassVar[bool] = False
    """Whether it may still be there after a restart, so that the boot unit has work."""

    @abstractmethod
    def summary(self) -> str:
        """Return the fault in a few words, e.g. `delay 100ms to all peers`."""

    @abstractmethod
    def role_variables(self, resolve: Resolve) -> dict[str, object]:
        """Return the variables of the role named `kind`.

        `resolve` is called only where peers are named. Raise InvalidInventoryError when they
        lead to no address at all.
        """

    def choices_on(self, capabilities: frozenset[str]) -> dict[str, object]:
        """Return the role variables that the role would choose by itself on such a host.

        For showing a plan: the role makes the choice on the host, from the same facts.
        """
        return {}


def resolved_peers(peers: list[str], resolve: Resolve) -> list[str]:
    """Return the addresses of the peers, none for none.

    An empty list means *every peer* to a role, so named peers that lead to no address are an
    error: the fault would otherwise hit everybody instead of nobody.
    """
    if not peers:
        return []
    addresses = resolve(peers)
    if not addresses:
        raise InvalidInventoryError(
            f"the peers {', '.join(peers)} lead to no IP address",
            "name hosts or groups of the inventory that have addresses, or write IP addresses",
        )
    return addresses


def traffic_summary(peers: list[str], ports: list[int | str]) -> str:
    """Return whom a network fault concerns, e.g. `kafka-2 on ports 9092, 9093`."""
    whom = ", ".join(peers) if peers else "all peers"
    if not ports:
        return whom
    return f"{whom} on port{'s' if len(ports) > 1 else ''} {', '.join(map(str, ports))}"
