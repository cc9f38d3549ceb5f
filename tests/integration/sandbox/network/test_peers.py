"""A fault on named peers concerns all of a machine, and nobody else."""

from __future__ import annotations

import pytest

from chaos_runner.measurements.reading import NetworkPath
from tests.integration.sandbox.network.two_cards import (
    CONTROLLER,
    HOST,
    HOST_ON_ETH1,
    PEER,
    PEER_BY_IPV6,
    PEER_ON_ETH1,
    TwoCards,
    carried,
)
from tests.integration.sandbox.readings import readings_of
from tests.waiting import wait_until

EVERY_ADDRESS = [PEER_ON_ETH1, PEER, PEER_BY_IPV6]
LISTEN = """
import socket, sys
server = socket.create_server(("", int(sys.argv[1])))
while True:
    server.accept()[0].close()
"""


def listens(host: TwoCards, holder: str, port: int, address: str) -> None:
    """Start a server and wait until the host, or who looks from elsewhere, can connect to it."""
    host.serve(holder, LISTEN, str(port))
    from_where = host.peer if holder == host.host else None
    wait_until(lambda: host.connects(address, port, from_where), f"a server on {address}:{port}")


@pytest.mark.parametrize("backend", ["nft", "iptables"])
def test_every_address_of_a_peer_is_cut_and_no_other(host: TwoCards, backend: str) -> None:
    answer = host.inject("network_partition", {"peers": EVERY_ADDRESS, "backend": backend})
    assert answer["effect"] is True, answer
    assert not any(host.pings(address) for address in EVERY_ADDRESS)
    assert host.pings(CONTROLLER)
    assert not host.pings(HOST_ON_ETH1, host.peer)
    host.revert()
    assert all(host.pings(address) for address in EVERY_ADDRESS)


@pytest.mark.parametrize("backend", ["nft", "iptables"])
@pytest.mark.parametrize("direction", ["in", "out", "both"])
def test_ports_are_cut_and_other_ports_are_not(
    host: TwoCards, backend: str, direction: str
) -> None:
    for port in (9092, 9093):
        listens(host, host.peer, port, PEER_ON_ETH1)
    options = {
        "peers": EVERY_ADDRESS,
        "ports": [9092],
        "backend": backend,
        "direction": direction,
    }
    assert host.inject("network_partition", options)["effect"] is True
    assert not host.connects(PEER_ON_ETH1, 9092)
    assert host.connects(PEER_ON_ETH1, 9093)
    assert host.pings(PEER_ON_ETH1)
    host.revert()
    assert host.connects(PEER_ON_ETH1, 9092)


@pytest.mark.parametrize("missing", [["ping"], ["ping", "bash"]])
@pytest.mark.parametrize("ports", [[], [9092]])
def test_the_effect_is_seen_without_ping_and_bash(
    host: TwoCards, missing: list[str], ports: list[int]
) -> None:
    host.take_away(*missing)
    answer = host.inject("network_partition", {"peers": [PEER_ON_ETH1], "ports": ports})
    assert answer["effect"] is True, answer
    host.revert()


def test_an_open_connection_stalls_and_goes_on_afterwards(host: TwoCards) -> None:
    host.serve(
        host.peer,
        "import socket\ns = socket.create_server(('', 9092))\n"
        "c = s.accept()[0]\nwhile c.sendall(c.recv(9)) is None: pass",
    )
    host.program(
        "talk",
        "#!/usr/bin/env python3\nimport socket, time\n"
        "for _ in range(100):\n"
        "    try: c = socket.create_connection(('198.18.201.3', 9092)); break\n"
        "    except OSError: time.sleep(0.2)\n"
        "while True:\n"
        "    c.sendall(b'.'); c.recv(1)\n"
        "    open('/run/chaos-runner/talked', 'a').write('.'); time.sleep(0.05)\n",
    )
    host.run(["sh", "-c", "setsid talk </dev/null >/dev/null 2>&1 &"])

    def talked() -> int:
        return len(host.run(["sh", "-c", "cat /run/chaos-runner/talked 2>/dev/null || :"]))

    wait_until(lambda: talked() > 0, "the first answer")
    assert host.inject("network_partition", {"peers": EVERY_ADDRESS})["effect"] is True
    host.run(["sleep", "0.5"])  # what was on its way arrives
    before = talked()
    host.run(["sleep", "1.5"])
    assert talked() == before
    host.revert()
    wait_until(lambda: talked() > before, "the connection to go on")


def test_a_delay_goes_to_the_cards_that_lead_to_the_peers(host: TwoCards) -> None:
    host.with_netem()
    host.inject("network_latency", {"delay": "100ms", "peers": EVERY_ADDRESS})
    before = carried(host, "eth0"), carried(host, "eth1")
    assert all(host.pings(address) for address in (*EVERY_ADDRESS, CONTROLLER))
    assert carried(host, "eth0") == before[0] + 2
    assert carried(host, "eth1") == before[1] + 4
    host.revert()


def test_without_peers_a_delay_goes_to_the_card_that_holds_kafkas_address(host: TwoCards) -> None:
    host.with_netem()
    assert host.pings(PEER_ON_ETH1)
    answer = host.inject("network_latency", {"delay": "100ms", "own_addresses": [HOST_ON_ETH1]})
    # A neighbour there, and not the controller.
    assert readings_of(answer)["round_trip"].path == NetworkPath(
        interface="eth1", destination=PEER_ON_ETH1
    )
    before = carried(host, "eth1")
    assert host.pings(PEER_ON_ETH1)
    assert host.pings(CONTROLLER)
    assert carried(host, "eth1") == before + 2
    assert carried(host, "eth0") == 0
    host.revert()


def test_without_anything_a_delay_goes_to_the_card_towards_the_controller(host: TwoCards) -> None:
    host.with_netem()
    answer = host.inject("network_latency", {"delay": "100ms", "own_addresses": ["203.0.113.9"]})
    assert readings_of(answer)["round_trip"].path == NetworkPath(
        interface="eth0", destination=CONTROLLER
    )
    host.revert()


def test_a_delay_is_seen_without_ping(host: TwoCards) -> None:
    host.with_netem()
    host.take_away("ping")
    answer = host.inject(
        "network_latency", {"delay": "100ms", "peers": [PEER_ON_ETH1], "ports": [9092]}
    )
    assert answer["effect"] is True, answer
    assert readings_of(answer)["packets_queued"].path == NetworkPath(interface="eth1")
    host.revert()


def test_a_bridge_is_shaped_by_itself_and_not_with_its_port(host: TwoCards) -> None:
    host.with_netem()
    host.run(["mount", "-t", "sysfs", "none", "/sys"])  # that of the host's own interfaces
    for command in (
        "address flush dev eth1",
        "link add br1 type bridge",
        "link set eth1 master br1",
        f"address add {HOST_ON_ETH1}/24 dev br1",
        "link set br1 up",
        "route add 203.0.113.9/32 dev eth1",
    ):
        host.run(["ip", *command.split()])
    wait_until(lambda: host.pings(PEER_ON_ETH1), "the bridge to forward")
    answer = host.inject("network_latency", {"delay": "100ms", "peers": [PEER_ON_ETH1]})
    assert answer["ok"] is True, answer
    before = carried(host, "br1")
    assert host.pings(PEER_ON_ETH1)
    assert carried(host, "br1") == before + 2
    assert "c4a0" not in host.run(["/usr/sbin/tc", "qdisc", "show", "dev", "eth1"])
    host.revert()
    peers = [PEER_ON_ETH1, "203.0.113.9"]
    both = host.inject("network_latency", {"delay": "100ms", "peers": peers})
    assert both["refused"] is True
    assert "packets of br1 leave by eth1, and both would shape them" in str(both["error"])


def test_a_card_that_is_shaped_already_is_refused_by_its_name(host: TwoCards) -> None:
    host.with_netem()
    host.run(["/usr/sbin/tc", "qdisc", "add", "dev", "eth1", "root", "handle", "1:", "htb"])
    answer = host.inject("network_latency", {"delay": "100ms", "peers": [PEER_ON_ETH1]})
    assert answer["refused"] is True
    assert "the root qdisc of eth1" in str(answer["error"])
    assert host.preflight()["qdiscs"] == {
        "lo": "noqueue 0:",
        "eth0": "noqueue 0:",
        "eth1": "htb 1:",
    }
    assert host.inject("network_latency", {"delay": "100ms", "peers": [PEER]})["ok"] is True
    host.revert()


def test_old_output_of_tc_is_read_as_well(host: TwoCards) -> None:
    host.program(
        "tc",
        "#!/bin/sh\n"
        'case "$*" in *netem*) exit 0 ;; "qdisc show"*) '
        "echo 'qdisc htb 1: dev eth1 root refcnt 2 r2q 10 default 0'; "
        "echo 'qdisc pfifo_fast 0: dev eth1 parent :1 bands 3' ;; esac\n",
    )
    answer = host.inject("network_latency", {"delay": "100ms", "peers": [PEER_ON_ETH1]})
    assert "the root qdisc of eth1" in str(answer["error"])


def test_a_missing_tc_is_named_and_no_kernel(host: TwoCards) -> None:
    host.take_away("tc")
    answer = host.inject("network_latency", {"delay": "100ms", "peers": [PEER]})
    said = f"{answer['error']} {answer['hint']}"
    assert "tc is missing" in said
    assert "iproute-tc" in said
    assert "kernel" not in said
    capabilities = host.preflight()["capabilities"]
    assert isinstance(capabilities, dict)
    assert capabilities["tc"] is False


def test_peers_that_no_route_leads_to_are_refused(host: TwoCards) -> None:
    host.with_netem()
    answer = host.inject("network_latency", {"delay": "100ms", "peers": ["203.0.113.9", HOST]})
    assert answer["refused"] is True
    assert "no route of this host leads to" in str(answer["error"])


def test_a_host_tells_its_links_and_routes(host: TwoCards) -> None:
    host.run(["ip", "route", "add", "default", "via", CONTROLLER])
    facts = host.preflight()
    assert facts["links"] == {
        "eth0": [f"{HOST}/24"],
        "eth1": [f"{HOST_ON_ETH1}/24", "fd00:201::2/64"],
    }
    routes = facts["routes"]
    assert isinstance(routes, list)
    assert {"0.0.0.0/0 eth0", "198.18.201.0/24 eth1", "fd00:201::/64 eth1"} <= set(routes)


def test_a_queue_that_somebody_else_changed_counts_as_gone(host: TwoCards) -> None:
    host.with_netem()
    assert host.inject("network_loss", {"loss": "10%", "peers": [PEER_ON_ETH1]})["ok"] is True
    host.run(["sh", "-c", "sed -i s/0.1000/0.2000/ /run/chaos-runner/netem.eth1"])
    checked = host.ask("check", "f_1").data
    assert checked is not None
    assert checked["effect"] is False
    setting = readings_of(checked)["queue_setting"]
    assert (setting.of, setting.value, setting.asked) == ("loss-random.loss", 0.2, 0.1)
    host.revert()
