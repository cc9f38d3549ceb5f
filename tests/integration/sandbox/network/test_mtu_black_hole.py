"""Large packets get lost without a word, and small ones do not."""

from __future__ import annotations

import subprocess

import pytest

from tests.integration.sandbox.network.two_cards import (
    CONTROLLER,
    PEER,
    PEER_BY_IPV6,
    PEER_ON_ETH1,
    TwoCards,
)
from tests.waiting import wait_until

EVERY_ADDRESS = [PEER_ON_ETH1, PEER, PEER_BY_IPV6]
ECHO = """
import socket, sys, threading
server = socket.create_server(("::", int(sys.argv[1])), family=socket.AF_INET6, dualstack_ipv6=True)
def echo(talk):
    while data := talk.recv(65536):
        talk.sendall(data)
while True:
    threading.Thread(target=echo, args=[server.accept()[0]], daemon=True).start()
"""
TALK = """
import socket, sys
talk = socket.create_connection((sys.argv[1], int(sys.argv[2])), 4)
sent, came = b"." * int(sys.argv[3]), 0
try:
    talk.sendall(sent)
    while came < len(sent):
        came += len(talk.recv(65536))
    print("answered")
except TimeoutError:
    print("hangs")
"""


def answer_to(host: TwoCards, size: int, port: int = 9092, address: str = PEER_ON_ETH1) -> str:
    """Return what becomes of a request of so many bytes on a new connection."""
    return host.run(["python3", "-c", TALK, address, str(port), str(size)]).strip()


def pings(host: TwoCards, address: str, size: int) -> bool:
    """Tell whether a ping of so many bytes of data is answered."""
    ping = ["ping", "-n", "-q", "-c", "1", "-W", "1", "-s", str(size), address]
    return subprocess.run([*host.entrance, *ping], capture_output=True, check=False).returncode == 0


def with_servers(host: TwoCards) -> None:
    """Let the peer echo on two ports."""
    for port in (9092, 9093):
        host.serve(host.peer, ECHO, str(port))
    wait_until(lambda: host.connects(PEER_ON_ETH1, 9092), "a server at port 9092")
    wait_until(lambda: host.connects(PEER_ON_ETH1, 9093), "a server at port 9093")


def test_small_requests_are_answered_and_large_ones_hang(host: TwoCards) -> None:
    with_servers(host)
    answer = host.inject("mtu_black_hole", {"mtu": 1400, "peers": EVERY_ADDRESS})
    assert answer.get("effect") is True, answer
    lines = answer["readings"]
    assert isinstance(lines, list)
    assert {f"large_ping silent destination={peer}" for peer in EVERY_ADDRESS} <= set(lines)
    assert {f"small_ping answered destination={peer}" for peer in EVERY_ADDRESS} <= set(lines)
    assert not any(line.startswith("large_ping answered") for line in lines)
    assert answer_to(host, 500) == answer_to(host, 500, address=PEER_BY_IPV6) == "answered"
    assert answer_to(host, 100_000) == answer_to(host, 100_000, address=PEER_BY_IPV6) == "hangs"
    assert pings(host, PEER, 1372)  # with 28 bytes of headers just what passes
    assert not pings(host, PEER, 1373)
    assert pings(host, CONTROLLER, 1472)
    host.revert()
    assert answer_to(host, 100_000) == "answered"


def test_only_the_named_ports_lose_large_packets_until_the_kernel_ends_it(host: TwoCards) -> None:
    with_servers(host)
    options = {"mtu": 1300, "peers": EVERY_ADDRESS, "ports": [9092]}
    answer = host.inject("mtu_black_hole", options, lease=20)
    assert answer.get("effect") is True, answer
    assert answer_to(host, 100_000) == "hangs"
    assert answer_to(host, 100_000, port=9093) == "answered"
    assert pings(host, PEER_ON_ETH1, 1472)
    host.kill_watchdogs()
    wait_until(lambda: answer_to(host, 100_000) == "answered", "the elements to time out")
    host.revert()


def test_a_table_that_somebody_else_took_away_is_noticed(host: TwoCards) -> None:
    host.inject("mtu_black_hole", {"mtu": 1400, "peers": EVERY_ADDRESS})
    host.run(["nft", "flush", "ruleset"])
    checked = host.ask("check", "f_1").data
    assert checked is not None
    assert checked["effect"] is not True, checked
    host.revert()


@pytest.mark.parametrize("peers", [[], EVERY_ADDRESS])
def test_a_size_that_no_packet_exceeds_is_refused(host: TwoCards, peers: list[str]) -> None:
    answer = host.inject("mtu_black_hole", {"mtu": 1500, "peers": peers})
    assert answer["refused"] is True, answer
    assert "no packet of this host is larger than 1500 bytes" in str(answer["error"])
    assert not host.is_faulty()
