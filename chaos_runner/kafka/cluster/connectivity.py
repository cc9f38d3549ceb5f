"""Find out which addresses of a cluster accept a connection from here, and why others don't."""

from __future__ import annotations

import socket
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor

DEFAULT_PORT = 9092
CONNECT_LIMIT = 3.0
MOST_NAMED = 10
"""Servers that are named in one message."""


def split_servers(bootstrap_servers: str) -> list[str]:
    """Return the `host:port` entries of a `bootstrap.servers` value, each once."""
    entries = (entry.strip().rpartition("://")[2] for entry in bootstrap_servers.split(","))
    return list(dict.fromkeys(entry for entry in entries if entry))


def host_and_port(server: str) -> tuple[str, int]:
    """Split `host:port`, `[v6]:port` or a bare host; raise ValueError for a port that is none."""
    host, colon, port = server.rpartition(":")
    if not colon or server.endswith("]"):
        return server.strip("[]"), DEFAULT_PORT
    return host.strip("[]"), int(port)


def resolved(hosts: Iterable[str]) -> dict[str, set[str]]:
    """Return the IP addresses of hosts; none for a host that no resolver knows."""
    listed = list(dict.fromkeys(hosts))
    with ThreadPoolExecutor(max_workers=max(1, min(32, len(listed)))) as pool:
        return dict(zip(listed, pool.map(_addresses, listed), strict=True))


def unreachable(servers: Iterable[str]) -> dict[str, str]:
    """Return the servers that accept no TCP connection within three seconds, each with why."""
    listed = list(dict.fromkeys(servers))
    with ThreadPoolExecutor(max_workers=max(1, min(32, len(listed)))) as pool:
        reasons = dict(zip(listed, pool.map(_why_not, listed), strict=True))
    return {server: reason for server, reason in reasons.items() if reason}


def named_reasons(reasons: Mapping[str, str]) -> str:
    """Return servers with why nothing answers there, the first of very many."""
    named = [f"{server}: {reason}" for server, reason in reasons.items()]
    more = [f"and {len(named) - MOST_NAMED} more"] if len(named) > MOST_NAMED else []
    return "; ".join([*named[:MOST_NAMED], *more])


def _why_not(server: str) -> str:
    try:
        with socket.create_connection(host_and_port(server), timeout=CONNECT_LIMIT):
            return ""
    except TimeoutError:
        return f"no answer within {CONNECT_LIMIT:g} s"
    except (OSError, ValueError) as error:
        return getattr(error, "strerror", None) or str(error)


def _addresses(host: str) -> set[str]:
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):  # no name of the internet is longer than its labels allow
        return set()
    return {str(address[0]) for *_, address in found}
