"""Peers mean machines, and a delay goes where Kafka is: what a plan makes of a network fault."""

from __future__ import annotations

from pathlib import Path

import pytest

from chaos_runner.errors import InvalidInventoryError, RefusedError
from chaos_runner.experiment.load import load_experiment
from chaos_runner.fleet.guard_answers.preflight_facts import PreflightFacts
from chaos_runner.fleet.interfaces import shaped_interfaces
from chaos_runner.fleet.inventory import Host, Inventory
from chaos_runner.journal.events import PlannedFault
from chaos_runner.journal.identity import RunIdentity
from chaos_runner.measurements.cluster_snapshot import Broker, ClusterSnapshot
from chaos_runner.planning.fleet_facts import FleetFacts
from chaos_runner.planning.network_plan import peer_hosts
from chaos_runner.planning.plan import Plan
from chaos_runner.planning.planner import make_plan
from tests.unit.fleet_preflight.capabilities import lacking

NAMES = ("b1", "b2", "b3")
WANTED = {
    "ok": True,
    "root": True,
    "capabilities": lacking(),
    "disk_free_mib": 900,
}


def host(name: str, address: str = "") -> Host:
    return Host(name, address=address or f"192.0.2.{name[1:]}")


def facts(number: int, **changes: object) -> PreflightFacts:
    """Return those of a host with a card for management, and one for Kafka."""
    own: dict[str, object] = {
        "device": "eth0",
        "ssh_port": 22,
        "controller": "192.0.2.99",
        "links": {
            "eth0": [f"192.0.2.{number}/24"],
            "eth1": [f"198.51.100.{number}/24", f"2001:db8::{number}/64"],
            "docker0": ["172.17.0.1/16"],
        },
        "routes": [
            "0.0.0.0/0 eth0",
            "192.0.2.0/24 eth0",
            "198.51.100.0/24 eth1",
            "2001:db8::/64 eth1",
            "unreachable 203.0.113.0/24",
        ],
        "qdiscs": {"eth0": "fq_codel 0:", "eth1": "mq 0:"},
    }
    return PreflightFacts.model_validate(WANTED | own | changes)


KAFKA_ON_ETH1 = ClusterSnapshot(
    brokers={n: Broker(f"b{n}.kafka", 9092, (f"198.51.100.{n}",)) for n in (1, 2, 3)},
    partitions=(),
    groups=(),
)


def planned(
    directory: Path,
    fault: str,
    of: dict[str, PreflightFacts] | None = None,
    hosts: dict[str, Host] | None = None,
    silent: str = "",
    resolved: dict[str, tuple[str, ...]] | None = None,
) -> Plan:
    file = directory / "experiment.yml"
    file.write_text(f"title: A test\nfaults:\n  - {fault}\n    targets: {{hosts: b1}}\n")
    inventory = Inventory(
        source=Path("hosts.yml"),
        hosts={name: (hosts or {}).get(name, host(name)) for name in NAMES},
        groups={"kafka_broker": NAMES},
    )
    known = {name: facts(number) for number, name in enumerate(NAMES, 1)} | (of or {})
    known.pop(silent, None)

    def resolve(pattern: str) -> tuple[str, ...]:
        return (pattern,) if pattern in inventory.hosts else inventory.group(pattern)

    return make_plan(
        load_experiment(file),
        file,
        inventory,
        RunIdentity("20261123-144500-kabc", "kabc"),
        FleetFacts(known, {silent: "no route to host"} if silent else {}),
        resolve,
        KAFKA_ON_ETH1,
        resolved,
    )


def the_fault(plan: Plan) -> PlannedFault:
    (fault,) = plan.faults
    return fault


def test_a_peer_is_every_address_that_anybody_knows_it_by(tmp_path: Path) -> None:
    fault = the_fault(planned(tmp_path, "network_partition: {peers: [b2]}"))
    assert fault.peers == {"b2": ["198.51.100.2", "192.0.2.2", "2001:db8::2"]}
    assert fault.variables["network_partition_peers"] == fault.peers["b2"]
    text = "\n".join(fault.commands["b1"])
    for address in fault.peers["b2"]:
        assert f"{address} timeout" in text
    assert "172.17.0.1" not in text
    assert fault.notes == []


def test_a_machine_with_two_names_in_the_inventory_keeps_its_addresses(tmp_path: Path) -> None:
    links = {"eth0": ["192.0.2.2/24"], "cluster": ["10.9.9.2/24"]}
    twice = facts(2, links=links, boot_id="4f9a", hostname="b2")
    of = {"b2": twice, "b3": twice}
    fault = the_fault(planned(tmp_path, "network_partition: {peers: [b2]}", of))
    assert "10.9.9.2" in fault.peers["b2"]


@pytest.mark.parametrize("kind", ["network_partition: {}", "network_latency: {delay: 9ms}"])
def test_a_kafka_server_that_the_host_forwards_for_would_not_feel_it(
    tmp_path: Path, kind: str
) -> None:
    server = {"process": 71, "group": "/docker/4f9a", "forwarded": True}
    of = {"b1": facts(1, servers=[server, {"process": 72}])}
    with pytest.raises(RefusedError, match=r"\(process 71\) has a network of its own"):
        planned(tmp_path, kind, of).refuse_if_unsafe()
    beside = {"process": 72, "ports": [9092, 9093]}
    plan = planned(tmp_path, kind, {"b1": facts(1, servers=[server, beside])})
    assert plan.problems["b1"] == []  # the cluster's own broker is not in the container
    with_the_host_s = {**server, "forwarded": False}
    plan = planned(tmp_path, kind, {"b1": facts(1, servers=[with_the_host_s])})
    assert plan.problems["b1"] == []


def test_what_two_hosts_hold_is_nobodys_own_address(tmp_path: Path) -> None:
    links = {"eth0": ["192.0.2.2/24"], "lan": ["10.9.9.1/24"]}
    others = {"eth0": ["192.0.2.3/24"], "lan": ["10.9.9.1/24"]}
    of = {"b2": facts(2, links=links), "b3": facts(3, links=others)}
    fault = the_fault(planned(tmp_path, "network_partition: {peers: [b2]}", of))
    assert "10.9.9.1" not in fault.peers["b2"]


def test_peers_by_name_are_resolved(tmp_path: Path) -> None:
    fault = the_fault(
        planned(
            tmp_path,
            "network_partition: {peers: [b2]}",
            hosts={"b2": host("b2", "b2.example")},
            silent="b2",
            resolved={"b2.example": ("192.0.2.2", "2001:db8::22", "127.0.1.1", "fe80::1%eth0")},
        )
    )
    assert fault.peers == {"b2": ["192.0.2.2", "2001:db8::22"]}
    (note,) = fault.notes
    assert "b2 could not be asked" in note
    assert "no route to host" in note


def test_the_cluster_knows_a_silent_peer_by_the_name_that_it_advertises(tmp_path: Path) -> None:
    hosts = {"b2": host("b2", "b2.kafka")}
    resolved: dict[str, tuple[str, ...]] = {"b2.kafka": ("192.0.2.2",)}
    plan = planned(
        tmp_path, "network_partition: {peers: [b2]}", hosts=hosts, silent="b2", resolved=resolved
    )
    assert the_fault(plan).peers == {"b2": ["198.51.100.2", "192.0.2.2"]}


def test_a_name_that_does_not_resolve_is_told_where_the_host_knows_better(tmp_path: Path) -> None:
    hosts = {"b2": host("b2", "b2.nowhere")}
    fault = the_fault(planned(tmp_path, "network_partition: {peers: [b2]}", hosts=hosts))
    assert fault.peers["b2"] == ["198.51.100.2", "192.0.2.2", "2001:db8::2"]
    assert fault.notes == ["the name b2.nowhere of b2 does not resolve here"]


def test_a_gateway_that_forwards_ports_to_the_hosts_is_none_of_them(tmp_path: Path) -> None:
    hosts = {
        name: Host(name, address="203.0.113.7", port=2200 + number)
        for number, name in enumerate(NAMES, 1)
    }
    fault = the_fault(planned(tmp_path, "network_partition: {peers: [b2]}", hosts=hosts))
    assert fault.peers == {"b2": ["198.51.100.2", "192.0.2.2", "2001:db8::2"]}


@pytest.mark.parametrize("address", ["fe80::2%eth0", "127.0.0.1", "b2.nowhere"])
def test_a_peer_without_an_address_for_others_is_refused_early(
    tmp_path: Path, address: str
) -> None:
    with pytest.raises(InvalidInventoryError, match="peer b3 has no IP address"):
        planned(
            tmp_path,
            "network_partition: {peers: [b3]}",
            of={"b2": facts(2, links={})},
            hosts={"b3": host("b3", address)},
            silent="b3",
        )


def test_an_unusable_host_without_an_address_is_left_out_of_the_peers(tmp_path: Path) -> None:
    here = Host("b3", "localhost", unusable="`ansible_connection` is `local`")
    plan = planned(
        tmp_path, "network_partition: {peers: [b2, b3]}", hosts={"b3": here}, silent="b3"
    )
    fault = the_fault(plan)
    assert list(fault.peers) == ["b2"]
    assert fault.notes == [
        "b3 is left out of the peers, without an address: `ansible_connection` is `local`"
    ]
    with pytest.raises(InvalidInventoryError, match="lead to no IP address"):
        planned(tmp_path, "network_partition: {peers: [b3]}", hosts={"b3": here}, silent="b3")
    known = Host("b3", "192.0.2.3", unusable="`ansible_connection` is `local`")
    fault = the_fault(
        planned(tmp_path, "network_partition: {peers: [b3]}", hosts={"b3": known}, silent="b3")
    )
    assert "192.0.2.3" in fault.peers["b3"]


def test_a_host_is_no_peer_of_itself(tmp_path: Path) -> None:
    fault = the_fault(planned(tmp_path, "network_partition: {peers: [kafka_broker]}"))
    assert set(fault.peers) == {"b2", "b3"}
    with pytest.raises(InvalidInventoryError, match="lead to no IP address"):
        planned(tmp_path, "network_partition: {peers: [b1]}")


def test_addresses_are_written_as_they_stand_in_packets(tmp_path: Path) -> None:
    peers = "['::ffff:203.0.113.7', '::ffff:203.0.113.0/120', 2001:db8:5::/48, 203.0.113.7]"
    fault = the_fault(planned(tmp_path, f"network_partition: {{peers: {peers}, spared: {peers}}}"))
    written = ["203.0.113.7", "203.0.113.0/24", "2001:db8:5::/48"]
    assert fault.variables["network_partition_peers"] == written
    assert fault.variables["network_partition_spared"] == [*written, "203.0.113.7"]


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


@pytest.mark.parametrize("kind", ["network_partition: {", "network_latency: {delay: 1ms, "])
def test_a_way_in_that_cannot_be_spared_is_refused_unless_its_end_is_named(
    tmp_path: Path, kind: str
) -> None:
    relayed = {"b1": facts(1, path_problem="SSH comes from this host itself", path_hint="name it")}
    plan = planned(tmp_path, f"{kind}peers: [b2]}}", relayed)
    with pytest.raises(RefusedError, match="b1: SSH comes from this host itself"):
        plan.refuse_if_unsafe()
    named = planned(tmp_path, f"{kind}peers: [b2], spared: [203.0.113.5]}}", relayed)
    assert named.problems == {"b1": []}


def test_a_name_server_is_no_peer_without_ports(tmp_path: Path) -> None:
    spared = "198.51.100.2 udp 53 name server\nany 47 any tunnel gre1\n"
    asking = {"b1": facts(1, spared=spared)}
    (problem,) = planned(tmp_path, "network_partition: {peers: [b2]}", asking).problems["b1"]
    assert "the peer 198.51.100.2 is a name server" in problem.text
    limited = "network_partition: {peers: [b2], ports: [9092]}"
    assert planned(tmp_path, limited, asking).problems == {"b1": []}


def test_what_is_spared_is_shown(tmp_path: Path) -> None:
    spared = "203.0.113.53 udp 53 name server\nany 47 any tunnel gre1\n"
    fault = the_fault(planned(tmp_path, "network_partition: {}", {"b1": facts(1, spared=spared)}))
    assert fault.spared == {"b1": spared.splitlines()}
    text = "\n".join(fault.commands["b1"])
    assert "# accept name server: protocol udp, port 53, address 203.0.113.53" in text
    assert "spared_by_nft" not in text


def test_the_ports_are_shown(tmp_path: Path) -> None:
    fault = the_fault(
        planned(tmp_path, "network_partition: {peers: [b2], ports: [9092, 9100-9102]}")
    )
    text = "\n".join(fault.commands["b1"])
    assert "tcp dport { 9092, 9100-9102 } counter drop" in text
    assert "{  }" not in text


def test_hosts_that_are_named_as_peers_are_to_be_asked(tmp_path: Path) -> None:
    file = tmp_path / "experiment.yml"
    file.write_text(
        "title: A test\nfaults:\n"
        "  - network_partition: {peers: [b2, 192.0.2.0/24]}\n    targets: {hosts: b1}\n"
        "  - service_stop: {service: kafka}\n    targets: {hosts: b3}\n"
    )
    assert peer_hosts(load_experiment(file), lambda name: (name,)) == ("b2",)


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
