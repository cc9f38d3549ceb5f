"""What a cut looks like to programs: silence, a refusal, or a reset."""

from __future__ import annotations

import pytest

from tests.integration.sandbox.network.two_cards import (
    HOST_ON_ETH1,
    PEER,
    PEER_BY_IPV6,
    PEER_ON_ETH1,
    TwoCards,
)
from tests.integration.sandbox.readings import readings_of
from tests.waiting import wait_until

EVERY_ADDRESS = [PEER_ON_ETH1, PEER, PEER_BY_IPV6]
ECHO = """
import socket
server = socket.create_server(("::", 9092), family=socket.AF_INET6, dualstack_ipv6=True)
kept = []
while True:
    kept.append(server.accept()[0])
"""
CONNECT = """
import socket, sys
try:
    socket.create_connection((sys.argv[1], 9092), 3).close()
    print("connected")
except TimeoutError:
    print("timeout")
except OSError as error:
    print(type(error).__name__)
"""
TALK = """
import socket, sys, time
talking = socket.create_connection((sys.argv[1], 9092))
open("/run/chaos-runner/talks", "w").close()
try:
    while True:
        talking.sendall(b".")
        time.sleep(0.05)
except OSError as error:
    open("/run/chaos-runner/ended", "w").write(type(error).__name__)
"""
SEEN = {"drop": "timeout", "reject": "ConnectionRefusedError", "reset": "ConnectionRefusedError"}

every_action = pytest.mark.parametrize("action", SEEN)
both_backends = pytest.mark.parametrize("backend", ["nft", "iptables"])


def seen_by_host(host: TwoCards, address: str) -> str:
    """Return what a program on the host sees of a connection to the peer."""
    return host.run(["python3", "-c", CONNECT, address]).strip()


def seen_by_peer(host: TwoCards, address: str = HOST_ON_ETH1) -> str:
    """Return what a program on the peer sees of a connection to the host."""
    return host.beyond(host.peer, "python3", "-c", CONNECT, address).strip()


def with_servers(host: TwoCards) -> None:
    """Let both sides accept connections."""
    for holder in (host.peer, host.host):
        host.serve(holder, ECHO)
    wait_until(lambda: seen_by_host(host, PEER_BY_IPV6) == "connected", "the peer's server")
    wait_until(lambda: seen_by_peer(host) == "connected", "the host's server")


@both_backends
@every_action
def test_new_connections_see_the_action_from_both_sides(
    host: TwoCards, backend: str, action: str
) -> None:
    with_servers(host)
    options = {"peers": EVERY_ADDRESS, "ports": [9092], "backend": backend, "action": action}
    answer = host.inject("network_partition", options)
    assert answer["effect"] is True, answer
    assert seen_by_host(host, PEER_ON_ETH1) == SEEN[action]
    assert seen_by_host(host, PEER_BY_IPV6) == SEEN[action]
    assert seen_by_peer(host) == SEEN[action]
    host.revert()
    assert seen_by_host(host, PEER_BY_IPV6) == seen_by_peer(host) == "connected"


@both_backends
def test_without_ports_a_reset_drops_what_is_not_tcp(host: TwoCards, backend: str) -> None:
    with_servers(host)
    options = {"peers": EVERY_ADDRESS, "backend": backend, "action": "reset"}
    answer = host.inject("network_partition", options)
    assert answer["effect"] is True, answer
    assert readings_of(answer)["connection"].state == "refused"
    assert seen_by_host(host, PEER) == SEEN["reset"]
    assert not host.pings(PEER)
    host.revert()


@pytest.mark.parametrize(
    ("direction", "by_host", "by_peer"),
    [("in", "timeout", "ConnectionRefusedError"), ("out", "ConnectionRefusedError", "timeout")],
)
def test_one_way_only_one_side_hears_of_it(
    host: TwoCards, direction: str, by_host: str, by_peer: str
) -> None:
    with_servers(host)
    options = {"peers": EVERY_ADDRESS, "action": "reset", "direction": direction}
    answer = host.inject("network_partition", options)
    assert answer["effect"] is True, answer
    assert seen_by_host(host, PEER_ON_ETH1) == by_host
    assert seen_by_peer(host) == by_peer
    host.revert()


@both_backends
def test_an_open_connection_is_reset(host: TwoCards, backend: str) -> None:
    with_servers(host)
    host.program("talk", f"#!/usr/bin/env python3\n{TALK}")
    host.run(["sh", "-c", f"setsid talk {PEER_ON_ETH1} </dev/null >/dev/null 2>&1 &"])
    there = ["sh", "-c", "cat /run/chaos-runner/ended 2>/dev/null || :"]
    wait_until(
        lambda: "talks" in host.run(["ls", "/run/chaos-runner"]), "the program to be connected"
    )
    assert host.run(there) == ""
    options = {"peers": EVERY_ADDRESS, "backend": backend, "action": "reset"}
    assert host.inject("network_partition", options)["effect"] is True
    wait_until(lambda: host.run(there) == "ConnectionResetError", "the reset")
    host.revert()
