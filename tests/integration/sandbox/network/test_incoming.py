"""What a host receives goes through a queue too, chosen as what it sends, and comes back alike."""

from __future__ import annotations

import pytest

from tests.integration.sandbox.network.two_cards import (
    CONTROLLER,
    HOST_ON_ETH1,
    PEER,
    PEER_ON_ETH1,
    TwoCards,
    carried,
)
from tests.waiting import wait_until

LINK = "chaosifb"


@pytest.fixture
def quiet(host: TwoCards) -> TwoCards:
    """Return a host that can carry delays, and forwards nothing."""
    host.with_netem()
    host.run(["mount", "-t", "sysfs", "none", "/sys"])  # that of the host's own interfaces
    host.run(["sh", "-c", "echo 0 >/proc/sys/net/ipv4/ip_forward"])
    assert host.preflight()["capabilities"]["ifb"] is True  # type: ignore[index]
    return host


def links(host: TwoCards) -> str:
    """Return the links of the host."""
    return host.run(["ip", "-brief", "link"])


@pytest.mark.parametrize("direction", ["in", "both"])
def test_what_comes_from_the_peers_goes_through_the_queue(quiet: TwoCards, direction: str) -> None:
    options = {"delay": "100ms", "peers": [PEER_ON_ETH1], "direction": direction}
    answer = quiet.inject("network_latency", options)
    assert answer["ok"] is True, str(answer)
    before = carried(quiet, LINK), carried(quiet, "eth1")
    assert quiet.pings(PEER_ON_ETH1)
    assert quiet.pings(HOST_ON_ETH1, quiet.peer)  # what others ask for comes in as well
    assert carried(quiet, LINK) == before[0] + 4
    assert carried(quiet, "eth1") == before[1] + (4 if direction == "both" else 0)
    assert quiet.pings(PEER)  # by another address, which is not named
    assert quiet.pings(CONTROLLER)
    assert carried(quiet, LINK) == before[0] + 4
    quiet.revert()
    assert LINK not in links(quiet)
    assert not quiet.is_faulty()


def test_the_sets_alone_end_it(quiet: TwoCards) -> None:
    peers = [PEER_ON_ETH1]
    quiet.inject("network_latency", {"delay": "100ms", "peers": peers, "direction": "in"})
    quiet.run(["nft", "flush", "set", "netdev", "chaos_f_1", "shaped4"])
    before = carried(quiet, LINK)
    assert quiet.pings(PEER_ON_ETH1)
    assert carried(quiet, LINK) == before
    quiet.revert()


def test_a_lease_ends_it(quiet: TwoCards) -> None:
    options = {"delay": "100ms", "peers": [PEER_ON_ETH1], "direction": "in"}
    quiet.inject("network_latency", options, lease=5)
    wait_until(lambda: LINK not in links(quiet), "the lease to end it", 60)
    assert not quiet.is_faulty()
    quiet.revert()


def test_it_is_renewed_and_whoever_empties_its_table_is_noticed(quiet: TwoCards) -> None:
    options = {"delay": "100ms", "peers": [PEER_ON_ETH1], "direction": "both"}
    quiet.inject("network_latency", options)
    renewed = quiet.ask("renew", "r1", "60").data
    assert renewed is not None
    assert renewed["faults"][0]["effect"] is True  # type: ignore[index]
    quiet.run(["nft", "flush", "table", "netdev", "chaos_f_1"])
    renewed = quiet.ask("renew", "r1", "60").data
    assert renewed is not None
    assert renewed["faults"][0]["effect"] is False  # type: ignore[index]
    quiet.revert()


def test_a_link_without_a_record_is_residue_and_taken_away(quiet: TwoCards) -> None:
    quiet.run(["ip", "link", "add", LINK, "type", "ifb"])
    audit = quiet.ask("audit").data
    assert audit is not None
    assert audit["residue"] == [f"link {LINK}"]
    quiet.revert()
    assert LINK not in links(quiet)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("echo 1 >/proc/sys/net/ipv4/ip_forward", "forwards what comes in by eth1"),
        ("ip link add br1 type bridge && ip link set eth1 master br1", "is also that of br1"),
        ("ip link add chaosifb type ifb", "there is a link chaosifb already"),
    ],
)
def test_what_could_be_that_of_others_is_refused(quiet: TwoCards, change: str, why: str) -> None:
    quiet.run(["sh", "-c", change])
    options = {"delay": "100ms", "peers": [PEER_ON_ETH1], "direction": "in"}
    answer = quiet.inject("network_latency", options)
    assert answer["refused"] is True, answer
    assert why in str(answer["error"])


def test_a_root_qdisc_of_others_stays_while_what_comes_in_is_shaped(quiet: TwoCards) -> None:
    quiet.run(["/usr/sbin/tc", "qdisc", "add", "dev", "eth1", "root", "handle", "1:", "htb"])
    peers = [PEER_ON_ETH1]
    answer = quiet.inject("network_latency", {"delay": "100ms", "peers": peers, "direction": "in"})
    assert answer["ok"] is True, str(answer)
    assert "htb 1: root" in quiet.run(["/usr/sbin/tc", "qdisc", "show", "dev", "eth1"])
    quiet.revert()
