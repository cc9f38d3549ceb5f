"""Drop packets of a lab host until a test has seen what it waited for.

As with the project's own faults, the kernel ends each cut by itself: its set elements time out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Literal

LONGEST_SECONDS = 600
"""After so long the host's kernel ends a cut by itself, whatever became of the test."""

CLIENTS, CONTROLLERS = 9092, 9093
"""The lab's Kafka ports; brokers fetch from each other where clients do."""


@contextmanager
def cut(
    on_host: Callable[..., str],
    host: str,
    peers: Iterable[str],
    port: int,
    direction: Literal["both", "out"] = "both",
) -> Iterator[None]:
    """Drop what a host and these addresses send each other from or to a port.

    With `out` only what the host sends from that port is dropped: questions arrive, answers
    do not.
    """
    table = f"chaos_test_{port}"
    on_host(host, f"sudo nft '{_rules(table, peers, port, direction)}'")
    try:
        yield
    finally:
        on_host(host, f"sudo nft delete table ip {table}")


def _rules(table: str, peers: Iterable[str], port: int, direction: Literal["both", "out"]) -> str:
    elements = ", ".join(f"{peer} timeout {LONGEST_SECONDS}s" for peer in peers)
    answers = f"ip daddr @peers tcp sport {port} drop;"
    sent, received = answers, ""
    if direction == "both":
        sent += f" ip daddr @peers tcp dport {port} drop;"
        received = f"ip saddr @peers tcp sport {port} drop; ip saddr @peers tcp dport {port} drop;"
    return (
        f"table ip {table} {{ "
        f"set peers {{ type ipv4_addr; flags timeout; elements = {{ {elements} }}; }}; "
        f"chain sent {{ type filter hook postrouting priority -300; {sent} }}; "
        f"chain received {{ type filter hook prerouting priority -300; {received} }}; }}"
    )
