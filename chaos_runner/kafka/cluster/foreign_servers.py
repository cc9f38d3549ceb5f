"""Find the bootstrap servers that are none of the brokers that the cluster advertises.

Such a one may be an address that several brokers share, a second listener, a broker that was
removed or one that is still starting. A client works with any of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from chaos_runner.kafka.cluster.connectivity import (
    host_and_port,
    named_reasons,
    resolved,
    unreachable,
)
from chaos_runner.measurements.cluster_snapshot import known_as


def strangers(servers: Sequence[str], brokers: Mapping[int, str]) -> list[str]:
    """Return the servers that no broker is known as, by name or by any address, with its port."""
    places = {each: _place(each) for each in (*servers, *brokers.values())}
    found = resolved(host for host, _ in places.values())
    known = {
        (name, places[broker][1])
        for broker in brokers.values()
        for name in _names(places[broker][0], found)
    }
    return [
        server
        for server in servers
        if not known & {(name, places[server][1]) for name in _names(places[server][0], found)}
    ]


def words_on(strange: Sequence[str]) -> str:
    """Return a warning about servers that are no brokers, with what each does; "" for none."""
    if not strange:
        return ""
    reasons = unreachable(strange)
    told = {server: reasons.get(server, "it answers") for server in strange}
    return (
        f"bootstrap servers that are none of the cluster's brokers: {named_reasons(told)}; a "
        "broker that is down now is not measured"
    )


def _place(server: str) -> tuple[str, int]:
    try:
        return host_and_port(server)
    except ValueError:
        return server, 0  # whoever connects to it says what is wrong


def _names(host: str, addresses: Mapping[str, set[str]]) -> frozenset[str]:
    return known_as((host, *addresses.get(host, set())))
