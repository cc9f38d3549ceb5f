"""What a host forwards, for containers and machines on it, is not its own, and passes."""

from __future__ import annotations

import pytest

from chaos_runner.fleet.guard_answers.preflight_facts import PreflightFacts
from tests.integration.sandbox.network.two_cards import CONTROLLER, PEER, TwoCards, carried
from tests.waiting import wait_until

POD = "10.88.0.2"


def pod(host: TwoCards, *, masqueraded: bool) -> str:
    """Put a container behind the host; return a process in its namespace."""
    inside = host.another()
    host.run(["sh", "-c", f"ip link add pod0 type veth peer name eth0 netns {inside}"])
    host.run(["sh", "-c", "ip address add 10.88.0.1/24 dev pod0 && ip link set pod0 up"])
    host.run(["sh", "-c", "echo 1 >/proc/sys/net/ipv4/ip_forward"])
    host.beyond(
        inside,
        "sh",
        "-c",
        f"ip address add {POD}/24 dev eth0 && ip link set eth0 up && "
        "ip route add default via 10.88.0.1",
    )
    if masqueraded:
        host.run(
            [
                "nft",
                "table ip nat { chain post { type nat hook postrouting priority 100; "
                "ip saddr 10.88.0.0/24 masquerade; }; }",
            ]
        )
    else:
        for holder in (host.controller, host.peer):
            host.beyond(holder, "ip", "route", "add", "10.88.0.0/24", "via", "198.18.200.2")
    wait_until(lambda: host.pings(CONTROLLER, inside), "the container's way out")
    return inside


@pytest.mark.parametrize("masqueraded", [False, True], ids=["routed", "masqueraded"])
@pytest.mark.parametrize("backend", ["nft", "iptables"])
@pytest.mark.parametrize("peers", [[], [CONTROLLER]], ids=["everybody", "one"])
def test_a_container_keeps_its_network_while_its_host_is_cut_off(
    host: TwoCards, masqueraded: bool, backend: str, peers: list[str]
) -> None:
    inside = pod(host, masqueraded=masqueraded)
    answer = host.inject("network_partition", {"backend": backend, "peers": peers})
    assert answer["effect"] is True, answer
    assert not host.pings(CONTROLLER)
    assert host.pings(CONTROLLER, inside)
    assert host.pings(PEER, inside)
    host.revert()


def test_a_container_is_not_delayed_with_its_host(host: TwoCards) -> None:
    host.with_netem()
    inside = pod(host, masqueraded=False)
    host.inject("network_latency", {"delay": "100ms", "peers": [CONTROLLER]})
    before = carried(host, "eth0")
    assert host.pings(CONTROLLER, inside)
    assert carried(host, "eth0") == before
    assert host.pings(CONTROLLER)
    assert carried(host, "eth0") == before + 2
    host.revert()


WAITS = "import time; time.sleep(600)"


@pytest.mark.parametrize("where", ["container", "rootless container", "host"])
def test_a_kafka_server_is_told_by_whose_traffic_is_its_own(host: TwoCards, where: str) -> None:
    inside = host.host if where == "host" else host.another()
    if where == "rootless container":  # a program on the host passes on what the tap carries
        host.beyond(inside, "ip", "tuntap", "add", "dev", "tap0", "mode", "tap")
    host.serve(inside, WAITS, "kafka.Kafka")
    server = str(host.newest)

    def forwarded() -> list[bool]:
        told = PreflightFacts.model_validate(host.preflight()).servers or ()
        return [each.forwarded for each in told if str(each.process) == server]

    wait_until(lambda: bool(forwarded()), "the server is found")
    assert forwarded() == [where == "container"]
