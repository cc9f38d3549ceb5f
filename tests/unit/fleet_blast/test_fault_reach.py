"""Which machines of a cluster a fault reaches, and between which it lies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from chaos_runner.blast_radius.fault_impact import TargetedHosts
from chaos_runner.blast_radius.fault_reach import reach_of
from chaos_runner.blast_radius.kafka_members import members_of
from chaos_runner.blast_radius.members import Members
from chaos_runner.faults import FaultKind
from chaos_runner.faults.kinds.network.dns_failure import DnsFailure
from chaos_runner.faults.kinds.network.network_latency import NetworkLatency
from chaos_runner.faults.kinds.network.network_partition import NetworkPartition
from chaos_runner.faults.kinds.service.service_stop import ServiceStop
from chaos_runner.faults.partition_shapes import Direction, Shape, split_by_shape
from chaos_runner.fleet.guard_answers.preflight_facts import PreflightFacts
from chaos_runner.fleet.inventory import Host
from chaos_runner.measurements.exposure import FaultReach
from tests.unit.fleet_blast import clusters
from tests.unit.fleet_blast.clusters import NAMES, VOTERS

APART = ("192.0.2.77", "198.51.100.0/24")
"""Peers that no known machine has."""
PROBE = dict.fromkeys((*NAMES, "app-1"), frozenset({"192.0.2.90"}))


def members(
    voters: tuple[str, ...] = VOTERS, facts: Mapping[str, PreflightFacts] | None = None
) -> Members:
    """Four brokers on hosts, of which three vote as a rule, and an application beside them."""
    inventory = clusters.inventory(voters)
    hosts = {**inventory.hosts, "app-1": Host("app-1", address="192.0.2.50")}
    return members_of(replace(inventory, hosts=hosts), clusters.snapshot(), facts)


def address(name: str) -> str:
    return {name: f"192.0.2.{number}" for number, name in enumerate(NAMES, 1)}.get(
        name, "192.0.2.50"
    )


def told(reach: FaultReach) -> tuple[set[str], set[tuple[str, str]]]:
    """Return a reach by the names of hosts."""

    def name(machine: Sequence[str]) -> str:
        return next(each for each in machine if each in {*NAMES, "app-1"})

    return {name(each) for each in reach.hit}, {
        (name(one), name(other)) for one, other in reach.between
    }


def reached(
    options: FaultKind, targets: Sequence[str], peers: Sequence[str] = (), **known: object
) -> tuple[set[str], set[tuple[str, str]]]:
    on = TargetedHosts(options, tuple(targets), tuple(peers))
    return told(reach_of("kabc_1", [on], members(**known), PROBE))  # type: ignore[arg-type]


def split(
    hosts: Sequence[str], shape: Shape, direction: Direction = "both", **known: object
) -> tuple[set[str], set[tuple[str, str]]]:
    """Return what a partition by shape reaches; each target has peers of its own."""
    found = split_by_shape(hosts, shape)
    targeted = [
        TargetedHosts(
            NetworkPartition(shape=shape),
            (host,),
            tuple(address(other) for other in found.cut_from[host]),
        )
        for host in found.holders(direction)
    ]
    return told(reach_of("kabc_1", targeted, members(**known), PROBE))  # type: ignore[arg-type]


@pytest.mark.parametrize("direction", ["both", "in", "out"])
def test_of_an_isolated_broker_the_others_are_not_hit(direction: Direction) -> None:
    hit, between = split(NAMES, "isolate", direction)
    assert hit == {"kafka-1"}
    assert between == {("kafka-1", other) for other in NAMES[1:]}


def test_an_isolated_machine_without_a_broker_takes_none_along() -> None:
    hit, between = split(["app-1", *NAMES], "isolate")
    assert hit == set()
    assert between == {("app-1", name) for name in NAMES}


def test_a_half_with_the_majority_of_the_voters_goes_on() -> None:
    hit, between = split(NAMES, "halves")
    assert hit == {"kafka-3", "kafka-4"}
    assert len(between) == 4


def test_halves_that_both_hear_the_controllers_are_cut_from_each_other_alone() -> None:
    hit, between = split(NAMES, "halves", voters=("app-1",))
    assert hit == set()
    assert between == {
        ("kafka-1", "kafka-3"),
        ("kafka-1", "kafka-4"),
        ("kafka-2", "kafka-3"),
        ("kafka-2", "kafka-4"),
    }


def test_of_a_bridge_whoever_may_lead_counts() -> None:
    assert split(NAMES[:3], "bridge")[0] == {"kafka-1", "kafka-3"}


def test_without_a_majority_nobody_is_led() -> None:
    assert split(NAMES, "halves", voters=NAMES)[0] == set(NAMES)
    assert split(NAMES, "halves", voters=())[0] == set(NAMES)  # who votes is not known


def test_named_peers_are_the_other_end() -> None:
    for options in (NetworkPartition(), NetworkLatency.model_validate({"delay": "80ms"})):
        assert reached(options, ["kafka-4"], [address("kafka-3")], voters=("app-1",)) == (
            set(),
            {("kafka-3", "kafka-4")},
        )
    # kafka-3 may be the active controller, and kafka-4, which votes on nothing, must hear that
    assert reached(NetworkPartition(), ["kafka-4"], [address("kafka-3")])[0] == {"kafka-4"}
    assert reached(NetworkPartition(), ["kafka-4"], ["192.0.2.0/29"])[0] == {"kafka-4"}


def test_peers_that_are_none_of_the_cluster_reach_no_broker() -> None:
    assert reached(NetworkPartition(), ["kafka-1"], [address("app-1")]) == (set(), set())
    assert reached(NetworkPartition(), ["kafka-1"], APART) == (set(), set())


def test_a_broker_that_the_probe_cannot_reach_is_hit() -> None:
    for peers in (["192.0.2.90"], ["192.0.2.77", "192.0.2.88/29"]):
        assert reached(NetworkPartition(), ["kafka-1"], peers) == ({"kafka-1"}, set())
    assert reached(NetworkPartition(ports=[9092]), ["kafka-1"], ["192.0.2.90"])[0] == {"kafka-1"}
    facts = {"kafka-1": clusters.facts(listening=(22, 9092, 9093))}
    elsewhere = NetworkPartition(ports=[8081])
    assert reached(elsewhere, ["kafka-1"], ["192.0.2.90"], facts=facts) == (set(), set())


def test_unknown_peers_may_be_controllers_where_nobody_knows_those() -> None:
    assert reached(NetworkPartition(), ["kafka-1"], APART, voters=()) == ({"kafka-1"}, set())
    assert reached(NetworkPartition(), ["kafka-1"], [address("app-1")], voters=())[0] == set()


def test_ports_that_kafka_does_not_use_reach_nothing() -> None:
    facts = {"kafka-1": clusters.facts(listening=(22, 9092, 9093))}
    for ports, hit in (("9092", {"kafka-1"}), ("9090-9099", {"kafka-1"}), ("8081", set())):
        assert reached(NetworkPartition(ports=[ports]), ["kafka-1"], facts=facts)[0] == hit
    # where no host tells what listens there, any port may be Kafka's
    assert reached(NetworkPartition(ports=[8081]), ["kafka-1"])[0] == {"kafka-1"}


@pytest.mark.parametrize(
    ("ports", "lies_between"), [([9092], False), ([9091], True), (["9090-9099"], True), ([], True)]
)
def test_at_ports_for_clients_alone_brokers_feel_nothing_of_each_other(
    ports: list[object], *, lies_between: bool
) -> None:
    inventory = clusters.inventory(("app-1",))
    known = clusters.snapshot()
    brokers = {n: replace(each, for_clients=(9092,)) for n, each in known.brokers.items()}
    facts = dict.fromkeys(NAMES, clusters.facts(listening=(22, 9091, 9092)))
    among = members_of(inventory, replace(known, brokers=brokers), facts)
    options = NetworkPartition.model_validate({"ports": ports})
    on = TargetedHosts(options, ("kafka-1",), (address("kafka-2"),))
    assert bool(reach_of("kabc_1", [on], among, PROBE).between) is lies_between


def test_a_port_for_clients_at_one_end_may_be_one_for_brokers_at_the_other() -> None:
    known = clusters.snapshot()
    brokers = {**known.brokers, 1: replace(known.brokers[1], for_clients=(9092,))}
    facts = dict.fromkeys(NAMES, clusters.facts(listening=(22, 9092)))
    among = members_of(clusters.inventory(), replace(known, brokers=brokers), facts)
    on = TargetedHosts(NetworkPartition(ports=[9092]), ("kafka-1",), (address("kafka-2"),))
    assert reach_of("kabc_1", [on], among, PROBE).between


def test_faults_of_the_host_reach_all_that_is_on_it() -> None:
    for options in (ServiceStop(service="sssd"), DnsFailure(), NetworkPartition()):
        assert reached(options, ["kafka-2"]) == ({"kafka-2"}, set())


@pytest.mark.parametrize(
    ("targets", "meant"), [(("app-1",), False), (("kafka-1",), True), (("app-1", "kafka-1"), True)]
)
def test_brokers_are_meant_where_a_target_serves(targets: tuple[str, ...], meant: bool) -> None:
    on = TargetedHosts(NetworkPartition(), targets)
    assert reach_of("kabc_1", [on], members(), PROBE).meant_for_brokers is meant


def test_a_broker_that_no_host_carries_is_an_end_as_well() -> None:
    inventory = clusters.inventory(())
    few = replace(inventory, hosts={name: inventory.hosts[name] for name in NAMES[:3]})
    found = members_of(replace(few, groups={}), clusters.snapshot())
    on = TargetedHosts(NetworkPartition(), ("kafka-1",), ("192.0.2.4",))
    (pair,) = reach_of("kabc_1", [on], found, PROBE).between
    assert "192.0.2.4" in {*pair[0], *pair[1]}
