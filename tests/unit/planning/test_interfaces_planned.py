"""Which interfaces a fault of the network shapes, by routes, rules and where Kafka is."""

from __future__ import annotations

from pathlib import Path

import pytest

from chaos_runner.fleet.guard_answers.preflight_facts import PreflightFacts
from chaos_runner.fleet.interfaces import shaped_interfaces
from tests.unit.planning.planned_network import (
    facts,
    host,
    planned,
    the_fault,
)


def test_without_peers_the_delay_goes_where_kafka_is(tmp_path: Path) -> None:
    fault = the_fault(planned(tmp_path, "network_latency: {delay: 80ms}"))
    assert fault.interfaces == {"b1": ["eth1"]}
    assert fault.variables["network_emulation_own_addresses"] == ["198.51.100.1"]
    assert fault.variables["network_emulation_measured"] == ["198.51.100.2", "198.51.100.3"]
    text = "\n".join(fault.commands["b1"])
    assert 'tc qdisc add dev "eth1" root' in text
    assert 'oifname != { "eth1" } accept' in text
    assert "eth0" not in text


def test_an_address_of_kafkas_that_the_host_does_not_hold_is_told(tmp_path: Path) -> None:
    only_management = facts(1, links={"eth0": ["192.0.2.1/24"]})
    inside = {"b1": host("b1", "b1.kafka")}
    fault = the_fault(
        planned(tmp_path, "network_latency: {delay: 80ms}", {"b1": only_management}, inside)
    )
    assert fault.interfaces == {"b1": ["eth0"]}
    (note,) = fault.notes
    assert "b1 does not hold the address that Kafka advertises there, 198.51.100.1" in note


@pytest.mark.parametrize(
    ("peers", "interfaces"),
    [
        ("198.51.100.9", ["eth1"]),
        ("2001:db8::9", ["eth1"]),
        ("203.0.113.9", ["eth0"]),
        ("198.51.100.0/24", ["eth1"]),
        ("0.0.0.0/0", ["eth0"]),
        ("b2", ["eth0", "eth1"]),
    ],
)
def test_peers_choose_the_interfaces_by_their_routes(
    tmp_path: Path, peers: str, interfaces: list[str]
) -> None:
    fault = the_fault(planned(tmp_path, f"network_latency: {{delay: 80ms, peers: ['{peers}']}}"))
    assert fault.interfaces == {"b1": interfaces}


@pytest.mark.parametrize(
    ("peers", "interfaces"),
    [
        ("", ["bond0.20"]),
        ("peers: [198.51.100.9]", ["bond0.20"]),
        ("peers: [203.0.113.9]", ["bond0"]),
        ("peers: [b2]", ["bond0", "bond0.20"]),
    ],
)
def test_a_vlan_on_a_bond_is_the_interface_and_not_what_lies_below(
    tmp_path: Path, peers: str, interfaces: list[str]
) -> None:
    stacked = facts(
        1,
        device="bond0",
        links={"bond0": ["192.0.2.1/24"], "bond0.20": ["198.51.100.1/24"]},
        routes=["0.0.0.0/0 bond0", "192.0.2.0/24 bond0", "198.51.100.0/24 bond0.20"],
        qdiscs={"bond0": "noqueue 0:", "bond0.20": "noqueue 0:", "eth0": "mq 0:"},
        below=["bond0 eth0", "bond0 eth1", "bond0.20 bond0"],
    )
    options = f"{{delay: 80ms, {peers}}}" if peers else "{delay: 80ms}"
    plan = planned(tmp_path, f"network_latency: {options}", of={"b1": stacked})
    assert the_fault(plan).interfaces["b1"] == interfaces
    problems = [problem.text for problem in plan.problems.get("b1", ())]
    both = ["packets of bond0.20 leave by bond0, and both would be shaped"]
    assert problems == (both if len(interfaces) == 2 else [])


def test_the_root_qdisc_that_counts_is_that_of_the_delayed_interface(tmp_path: Path) -> None:
    shaped = {"eth0": "htb 1:", "eth1": "mq 0:"}
    management = facts(1, qdiscs=shaped)
    assert planned(tmp_path, "network_latency: {delay: 80ms}", {"b1": management}).problems == {
        "b1": []
    }
    kafka = facts(1, qdiscs={"eth0": "fq_codel 0:", "eth1": "htb 1:"})
    (problem,) = planned(tmp_path, "network_latency: {delay: 80ms}", {"b1": kafka}).problems["b1"]
    assert "eth1" in problem.text
    assert "`htb 1:`" in problem.text


@pytest.mark.parametrize(
    ("rules", "shaped"),
    [
        ([], ("eth0",)),
        (["100: from all to 198.51.100.9 lookup kafka"], ("eth1",)),
        (["100: from 192.0.2.1 lookup kafka"], ("eth0", "eth1")),  # as from that address
        (["100: from all uidrange 1001-1002 lookup kafka"], ("eth0", "eth1")),
        (["100: not from all fwmark 0xca6c lookup kafka"], ("eth1",)),  # as wg-quick has it
        (["100: from all fwmark 0x1 lookup kafka"], ("eth0",)),
        (["100: from all iif eth2 lookup kafka"], ("eth0",)),
        (
            ["9: from all lookup main suppress_prefixlength 0", "10: from all lookup kafka"],
            ("eth1",),
        ),
        (["6 100: from all lookup kafka"], ("eth0",)),
    ],
)
def test_rules_of_policy_routing_choose_the_interfaces(
    rules: list[str], shaped: tuple[str, ...]
) -> None:
    facts = PreflightFacts(
        ok=True,
        device="eth9",
        links={"eth0": ["192.0.2.1/24"], "eth1": ["203.0.113.1/24"]},
        routes=("0.0.0.0/0 eth0", "192.0.2.0/24 eth0", "0.0.0.0/0 eth1 kafka"),
        rules=("0: from all lookup local", *rules, "32766: from all lookup main"),
    )
    variables = {"network_emulation_peers": ["198.51.100.9"]}
    assert shaped_interfaces("network_emulation", variables, facts) == shaped


def test_of_several_hops_each_device_counts() -> None:
    facts = PreflightFacts(ok=True, device="eth9", routes=("0.0.0.0/0 eth0,eth1",))
    variables = {"network_emulation_peers": ["198.51.100.9"]}
    assert shaped_interfaces("network_emulation", variables, facts) == ("eth0", "eth1")
