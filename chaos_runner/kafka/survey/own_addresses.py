"""The addresses by which other machines know this one, on which the probe runs."""

from __future__ import annotations

import socket
from collections.abc import Iterable

_DISCARD = 9
"""The port that is named to the kernel, to which nothing is sent (RFC 863)."""


def addresses_towards(others: Iterable[str]) -> frozenset[str]:
    """Return this machine's own addresses on its ways to IP addresses; nothing is sent."""
    return frozenset(filter(None, map(_address_towards, others)))


def _address_towards(address: str) -> str:
    """Return this machine's own address on the way to another; nothing where there is no way."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as way:
            way.connect((address, _DISCARD))  # of a datagram socket it only chooses the route
            return str(way.getsockname()[0])
    except OSError:
        return ""
