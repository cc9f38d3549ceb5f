"""Peers mean machines, and a delay goes where Kafka is: what a plan makes of a network fault."""

from __future__ import annotations

from pathlib import Path

import pytest

from chaos_runner.errors import InvalidInventoryError, RefusedError
from chaos_runner.experiment.load import load_experiment
from chaos_runner.fleet.inventory import Host
from chaos_runner.planning.network_plan import peer_hosts
from tests.unit.planning.planned_network import (
    NAMES,
    facts,
    host,
    planned,
    the_fault,
)


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
