"""No new connection gets through, in or out, and open ones go on."""

from __future__ import annotations

import pytest

from tests.integration.sandbox.network.test_network_partition import (
    EVERY_ADDRESS,
    seen_by_host,
    seen_by_peer,
    with_servers,
)
from tests.integration.sandbox.network.two_cards import PEER_BY_IPV6, PEER_ON_ETH1, TwoCards
from tests.waiting import wait_until

TALK = """
import socket, time
talk = socket.create_connection(("198.18.201.3", 9092))
while True:
    talk.sendall(b".")
    open("/run/chaos-runner/talked", "a").write(".")
    time.sleep(0.05)
"""
SEEN = {"drop": "timeout", "reset": "ConnectionRefusedError"}


def talked(host: TwoCards) -> int:
    """Return how much has been said on the open connection, acknowledged or on its way."""
    return len(host.run(["sh", "-c", "cat /run/chaos-runner/talked 2>/dev/null || :"]))


def unacknowledged(host: TwoCards) -> str:
    """Return what of the open connection the peer has not acknowledged, as the kernel shows it."""
    shown = host.run(["ss", "-tnH", "state", "established", "dst", PEER_ON_ETH1])
    return shown.split()[1]


@pytest.mark.parametrize("action", SEEN)
def test_new_connections_fail_and_an_open_one_goes_on(host: TwoCards, action: str) -> None:
    with_servers(host)
    host.program("talk", f"#!/usr/bin/env python3\n{TALK}")
    host.run(["sh", "-c", "setsid talk </dev/null >/dev/null 2>&1 &"])
    wait_until(lambda: talked(host) > 0, "the program to be connected")
    options = {"peers": EVERY_ADDRESS, "ports": [9092], "connections": "new", "action": action}
    answer = host.inject("connection_exhaustion", options)
    assert answer["effect"] is True, answer
    assert seen_by_host(host, PEER_ON_ETH1) == seen_by_host(host, PEER_BY_IPV6) == SEEN[action]
    assert seen_by_peer(host) == SEEN[action]
    before = talked(host)
    wait_until(lambda: talked(host) > before + 20, "the open connection to go on")
    wait_until(lambda: unacknowledged(host) == "0", "what was said to be acknowledged")
    assert host.pings(PEER_ON_ETH1)
    host.revert()
    assert seen_by_host(host, PEER_ON_ETH1) == seen_by_peer(host) == "connected"


def test_the_kernel_ends_it_when_nothing_else_runs(host: TwoCards) -> None:
    with_servers(host)
    options = {"peers": EVERY_ADDRESS, "connections": "new"}
    assert host.inject("connection_exhaustion", options, lease=20)["effect"] is True
    assert seen_by_host(host, PEER_ON_ETH1) == "timeout"
    wait_until(lambda: seen_by_host(host, PEER_ON_ETH1) == "connected", "the elements to time out")
    host.revert()


def test_a_table_that_somebody_else_took_away_is_noticed(host: TwoCards) -> None:
    host.inject("connection_exhaustion", {"peers": EVERY_ADDRESS, "connections": "new"})
    host.run(["nft", "flush", "ruleset"])
    checked = host.ask("check", "f_1").data
    assert checked is not None
    assert checked["effect"] is not True, checked
    host.revert()


def test_a_host_without_nft_is_refused(host: TwoCards) -> None:
    options = {"peers": EVERY_ADDRESS, "connections": "new", "backend": "iptables"}
    answer = host.inject("connection_exhaustion", options)
    assert answer["refused"] is True, answer
    assert "takes nft" in str(answer["error"])
