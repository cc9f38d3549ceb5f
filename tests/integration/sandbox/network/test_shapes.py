"""A partition by shape on three hosts: each gets its own peers, and hears whom the plan says."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, closing

import pytest

from chaos_runner.faults.kinds.network.network_partition import NetworkPartition
from chaos_runner.fleet.commands import render_fault_script
from tests.integration.sandbox.guard.sandbox import Sandbox
from tests.waiting import wait_until

NAMES = ("a", "b", "c")
ADDRESSES = {name: [f"198.18.202.{n}", f"fd00:202::{n}"] for n, name in enumerate(NAMES, 1)}
LISTEN = """
import socket
server = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
server.bind(("::", 9092))
while True:
    open("/run/chaos-runner/heard", "ab", 0).write(server.recv(9))
"""
Hosts = dict[str, Sandbox]


@pytest.fixture
def hosts() -> Iterator[Hosts]:
    """Make three hosts on one network, each with a server that remembers whom it heard."""
    if os.geteuid() != 0:
        pytest.fail("this needs root for namespaces; `scripts/test unit golden` runs the others")
    with ExitStack() as stack:
        made = {name: stack.enter_context(closing(Sandbox())) for name in NAMES}
        switch = made["a"].far
        into = ["nsenter", "-t", str(switch), "--net", "--", "sh", "-ec"]
        subprocess.run([*into, "ip link add lan type bridge; ip link set lan up"], check=True)
        for name, host in made.items():
            host.run(["sh", "-ec", f"ip link add eth1 type veth peer name port_{name}"])
            host.run(["ip", "link", "set", f"port_{name}", "netns", str(switch)])
            plug = f"ip link set port_{name} master lan; ip link set port_{name} up"
            subprocess.run([*into, plug], check=True)
            ipv4, ipv6 = ADDRESSES[name]
            host.run(["ip", "address", "add", f"{ipv4}/24", "dev", "eth1"])
            host.run(["ip", "address", "add", f"{ipv6}/64", "dev", "eth1", "nodad"])
            host.run(["ip", "link", "set", "eth1", "up"])
            host.run(["sh", "-c", f"setsid python3 -c '{LISTEN}' </dev/null >/dev/null 2>&1 &"])
        wait_until(lambda: unheard(made) == {}, "everybody to hear everybody")
        yield made


def unheard(hosts: Hosts) -> dict[str, list[str]]:
    """Let each host call each other by either family, and return who did not hear whom."""
    for host in hosts.values():
        host.run(["sh", "-c", ": >/run/chaos-runner/heard"])
    for name, host in hosts.items():
        calls = [
            f"printf {name} >/dev/udp/{address}/9092"
            for other in NAMES
            if other != name
            for address in ADDRESSES[other]
        ]
        host.run(["bash", "-c", f"{{ {'; '.join(calls)}; }} 2>/dev/null || :; sleep 0.3"])
    heard = {name: host.run(["cat", "/run/chaos-runner/heard"]) for name, host in hosts.items()}
    found = {
        name: [other for other in NAMES if other != name and other not in heard[name]]
        for name in NAMES
    }
    return {name: others for name, others in found.items() if others}


@pytest.mark.parametrize(
    "options",
    [
        {"shape": "bridge"},
        {"shape": "isolate", "direction": "in"},
        # like the two above
        pytest.param({"shape": "majority_minority"}, marks=pytest.mark.whole),
        pytest.param(
            {"shape": "isolate", "direction": "out", "ports": [9092]}, marks=pytest.mark.whole
        ),
    ],
    ids=str,
)
def test_each_host_hears_whom_the_plan_says(hosts: Hosts, options: dict[str, object]) -> None:
    fault = NetworkPartition.model_validate(options)
    split = fault.split_of(NAMES, 0, lambda _: (), dict)
    assert split is not None
    targets = split.holders(fault.direction)
    for name in targets:
        peers = [address for other in split.cut_from[name] for address in ADDRESSES[other]]
        variables = fault.role_variables(list) | {"network_partition_peers": peers}
        words = ("inject", "f_1", "--run", "r1", "--kind", "network_partition")
        script = render_fault_script("network_partition", variables)
        answer = hosts[name].guard(*words, "--lease", "120", "--cap", "150", script=script).data
        assert answer is not None
        assert answer["effect"] is True, answer
    expected = split.unheard(fault.direction, targets)
    assert expected
    assert unheard(hosts) == expected
    for name in targets:
        answer = hosts[name].guard("revert", "--all").data
        assert answer is not None
        assert answer["state"] == "clean", answer
    assert unheard(hosts) == {}
