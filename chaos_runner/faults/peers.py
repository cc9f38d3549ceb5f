"""The addresses and peers that an experiment names, as they stand in packets. Pure."""

from __future__ import annotations

import re
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated

from pydantic import AfterValidator, WithJsonSchema

from chaos_runner.faults.values import HOSTS
from chaos_runner.units import found

_ADDRESS_LIKE = re.compile(
    r"[0-9.]+|.*::.*|[0-9A-Fa-f.]*:[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*|.*/.*", re.ASCII
)
"""What can only be meant as an address, so that a misspelt one is not taken for a pattern."""
_PEER = r"[A-Za-z0-9_*!:][A-Za-z0-9_.*:,!&\[\]/-]{0,254}"


def check_peer(text: str) -> str:
    """Return a peer: an IP address, a CIDR range, or a host pattern.

    Raise ValueError for anything else, and for loopback and multicast, which every fault spares.
    """
    if not _ADDRESS_LIKE.fullmatch(text):
        return HOSTS.check(text)
    first = in_packets(_network(text)).network_address
    if first.is_loopback or first.is_multicast:
        raise ValueError(f"found `{text}`; loopback and multicast stay out of every fault")
    if first.version == 6 and first.is_link_local:
        raise ValueError(
            f"found `{text}`; a link-local address means another machine on every interface, "
            "so allowed are addresses that routes lead to, and hosts"
        )
    return text


def check_address(text: str) -> str:
    """Return an IP address or a CIDR range, as it stands in packets.

    Raise ValueError for anything else.
    """
    return as_written(in_packets(_network(text)))


def in_packets(network: IPv4Network | IPv6Network) -> IPv4Network | IPv6Network:
    """Return the IPv4 that an address or a range stands for in packets, where IPv6 only wraps it.

    Sockets of IPv6 write `::ffff:192.0.2.7` for `192.0.2.7`.
    """
    mapped = network.network_address.ipv4_mapped if isinstance(network, IPv6Network) else None
    if mapped is None or network.prefixlen < 96:  # the length of ::ffff:0:0, before IPv4's own
        return network
    return IPv4Network((mapped, network.prefixlen - 96))


def as_written(network: IPv4Network | IPv6Network) -> str:
    """Return an address as such, not as a range of one."""
    whole = network.prefixlen == network.max_prefixlen
    return str(network.network_address if whole else network)


def _network(text: str) -> IPv4Network | IPv6Network:
    try:
        return ip_network(text)
    except ValueError:
        pass
    try:
        meant = ip_network(text, strict=False)
    except ValueError:
        raise ValueError(
            f"found {found(text)}, which is no IP address; allowed are "
            "addresses such as `192.0.2.7` or `2001:db8::7` and ranges such as `192.0.2.0/24`"
        ) from None
    raise ValueError(f"found `{text}`, a range with host bits set; did you mean `{meant}`?")


Peer = Annotated[
    str,
    AfterValidator(check_peer),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": f"^{_PEER}$",
            "examples": ["kafka-2", "kafka_controller", "192.0.2.7", "2001:db8::/64"],
        }
    ),
]
"""Whom a network fault concerns: an IP address, a CIDR range, or a host pattern."""

Address = Annotated[
    str,
    AfterValidator(check_address),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": r"^[0-9A-Fa-f.:]+(/\d{1,3})?$",
            "examples": ["192.0.2.7", "2001:db8::/64"],
        }
    ),
]
"""An IP address or a CIDR range."""
