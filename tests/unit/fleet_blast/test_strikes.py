"""What faults do to machines: away, cut from each other, or only at risk."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import pytest

from chaos_runner.blast_radius.fault_impact import FaultImpact, TargetedHosts, impact_of
from chaos_runner.blast_radius.kafka_members import members_of
from chaos_runner.faults import FaultKind
from chaos_runner.faults.kinds.network.network_latency import NetworkLatency
from chaos_runner.faults.kinds.network.network_partition import NetworkPartition
from chaos_runner.faults.kinds.service.service_stop import ServiceStop
from chaos_runner.faults.registry import fault_kinds
from chaos_runner.fleet.guard_answers.preflight_facts import PreflightFacts
from chaos_runner.fleet.inventory import Host, Inventory
from chaos_runner.measurements.cluster_snapshot import Broker, ClusterSnapshot, Voter
from tests.unit.fleet_blast.clusters import NAMES, brokers, facts, inventory, server

SNAPSHOT = ClusterSnapshot(brokers(), ())
LED = replace(
    SNAPSHOT,
    voters={number: Voter((f"192.0.2.{number}",), leads=number == 3) for number in (1, 2, 3)},
)
MEMBERS = members_of(inventory(), SNAPSHOT)


def test_brokers_behind_a_gateway_are_on_none_of_its_hosts_for_sure() -> None:
    hosts = {
        name: Host(name, "kafka.example", port=2200 + number) for number, name in enumerate(NAMES)
    }
    behind = Inventory(Path("hosts.yml"), hosts, {"kafka_broker": NAMES})
    forwarded = {number: Broker("kafka.example", 9090 + number) for number in range(1, 5)}
    told = {name: facts(server()) for name in NAMES}
    members = members_of(behind, ClusterSnapshot(forwarded, ()), told).by_name
    for name in NAMES:
        assert members[name].brokers == {}
        assert members[name].serves_unseen
    same_port = {name: Host(name, "kafka.example") for name in NAMES}
    one_machine = Inventory(Path("hosts.yml"), same_port, {"kafka_broker": NAMES})
    assert (
        len(members_of(one_machine, ClusterSnapshot(forwarded, ())).by_name[NAMES[0]].brokers) == 4
    )


def fault_impact(
    *targeted: TargetedHosts, voters: tuple[str, ...] = ("kafka-1", "kafka-2", "kafka-3")
) -> FaultImpact:
    return impact_of(targeted, members_of(inventory(voters), SNAPSHOT))


def partition(*peers: str, ports: tuple[int | str, ...] = ()) -> NetworkPartition:
    return NetworkPartition.model_validate({"peers": list(peers), "ports": list(ports)})


def latency() -> NetworkLatency:
    return NetworkLatency.model_validate({"delay": "1m"})


def stop(service: str) -> ServiceStop:
    return ServiceStop(service=service)


@pytest.mark.parametrize(
    ("options", "gone"),
    [
        (partition(), True),
        (partition(ports=(9092,)), True),
        (partition(ports=("9000-9100",)), True),
        (latency(), False),
    ],
)
def test_which_faults_take_a_machine_away(options: FaultKind, gone: bool) -> None:
    found = fault_impact(TargetedHosts(options, ("kafka-4",)))
    assert found.gone == ({"kafka-4"} if gone else set())
    assert found.at_risk == (set() if gone else {"kafka-4"})
    assert found.cut == frozenset()


CUTS = [
    ("network_loss", {"loss": "100%"}),
    ("network_loss", {"states": ["100%", "0.001%"]}),
    ("network_corruption", {"corrupt": "100%"}),
    ("network_flap", {"down": "9s", "up": "1s"}),
]
"""Faults that let nothing pass, for long enough that Kafka gives the machine up."""


@pytest.mark.parametrize(("kind", "options"), CUTS)
def test_what_lets_nothing_pass_is_a_partition_by_another_name(
    kind: str, options: dict[str, object]
) -> None:
    def fault(**more: object) -> FaultKind:
        return fault_kinds()[kind].model_validate({**options, **more})

    assert fault_impact(TargetedHosts(fault(), ("kafka-4",))).gone == {"kafka-4"}
    apart = fault_impact(TargetedHosts(fault(peers=["kafka-2"]), ("kafka-1",), ("192.0.2.2",)))
    assert (set(apart.gone), apart.linked("kafka-1", "kafka-2")) == (set(), False)
    told = {name: facts(server(ports=(9092, 9093))) for name in NAMES}
    members = members_of(inventory(), LED, told)
    beside = impact_of([TargetedHosts(fault(ports=[8081]), ("kafka-4",))], members, told)
    assert (set(beside.gone), set(beside.at_risk)) == (set(), {"kafka-4"})


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("network_loss", {"loss": "90%"}),
        ("network_corruption", {"corrupt": "50%"}),
        ("network_flap", {"down": "5s", "up": "5s"}),
    ],
)
def test_what_lets_something_pass_puts_a_machine_at_risk(
    kind: str, options: dict[str, object]
) -> None:
    fault = fault_kinds()[kind].model_validate(options)
    assert fault_impact(TargetedHosts(fault, ("kafka-4",))).gone == set()


@pytest.mark.parametrize(
    "service",
    ["kafka@restaurants", "kafka-everest", "confluent-server@lagos", "broker", "connect-ui"],
)
def test_a_service_takes_a_machine_away_by_what_runs_in_it_and_not_by_its_name(
    service: str,
) -> None:
    told = {"kafka-4": facts(server(f"{service}.service"), service=service)}
    found = impact_of([TargetedHosts(stop(service), ("kafka-4",))], MEMBERS, told)
    assert found.gone == {"kafka-4"}
    assert not found.unknown

    told = {"kafka-4": facts(server("other.service"), service=service)}
    found = impact_of([TargetedHosts(stop(service), ("kafka-4",))], MEMBERS, told)
    assert not found.gone
    assert found.at_risk == {"kafka-4"}
    assert not found.unknown


def test_of_a_host_that_does_not_tell_what_runs_there_the_worst_is_supposed() -> None:
    found = fault_impact(TargetedHosts(stop("nginx"), ("kafka-4",)))
    assert found.gone == {"kafka-4"}
    assert "kafka-4: the host does not tell" in found.unknown[0]


class Unheard(FaultKind):
    """A fault that nobody has heard of."""

    kind: ClassVar[str] = "unheard"

    def describe(self) -> str:
        return "unheard"


def test_of_a_kind_that_nobody_thought_about_the_worst_is_supposed() -> None:
    assert fault_impact(TargetedHosts(Unheard(), ("kafka-4",))).gone == {"kafka-4"}


def test_a_partition_from_some_peers_cuts_those_links_only() -> None:
    found = fault_impact(
        TargetedHosts(partition("kafka-2"), ("kafka-1",), ("192.0.2.2", "2001:db8::2"))
    )
    assert found.gone == set()
    assert found.at_risk == {"kafka-1", "kafka-2"}
    assert not found.linked("kafka-2", "kafka-1")
    assert found.linked("kafka-1", "kafka-3")


def test_a_range_of_addresses_holds_many_machines() -> None:
    found = fault_impact(TargetedHosts(partition("192.0.2.0/30"), ("kafka-4",), ("192.0.2.0/30",)))
    assert found.gone == {"kafka-4"}  # .1 to .3 are the controllers: nobody keeps it in


def test_an_address_may_be_that_of_a_broker_which_does_not_tell_its_own() -> None:
    """It may use another network than the one that it advertises."""
    apart = [TargetedHosts(partition("10.99.0.0/24"), ("kafka-4",), ("10.99.0.0/24",))]
    told = {name: facts(server()) for name in NAMES}
    other = {
        name: each.model_copy(update={"links": {"eth1": [f"10.99.0.{number}/24"]}})
        for number, (name, each) in enumerate(told.items(), 1)
    }
    for known, gone, unknown in (
        (other, {"kafka-4"}, ""),
        (told, set(), ""),
        ({"kafka-4": told["kafka-4"]}, set(), "kafka-4: kafka-1, kafka-2, kafka-3 did not tell"),
    ):
        found = impact_of(apart, members_of(inventory(), LED, known), known)
        assert (set(found.gone), bool(found.unknown)) == (gone, bool(unknown))
        assert "".join(found.unknown).startswith(unknown)
    abroad = ClusterSnapshot({**brokers(), 7: Broker("broker-7.example", 9092)}, (), {})
    found = impact_of(apart, members_of(inventory(), abroad, told), told)
    assert "broker 7 did not tell" in found.unknown[0]
    named = [TargetedHosts(partition("kafka-2"), ("kafka-4",), ("192.0.2.2",))]
    assert impact_of(named, members_of(inventory(), LED, {}), {}).unknown == ()


def test_a_machine_that_several_faults_cut_from_every_controller_is_gone() -> None:
    cuts = [
        TargetedHosts(partition("kafka-1"), ("kafka-4",), ("192.0.2.1",)),
        TargetedHosts(partition("kafka-4"), ("kafka-2",), ("192.0.2.4",)),
        TargetedHosts(partition("kafka-3"), ("kafka-4",), ("2001:db8::3",)),
    ]
    assert fault_impact(*cuts).gone == {"kafka-4"}
    assert fault_impact(*cuts[:2]).gone == set()
    assert fault_impact(*cuts, voters=()).gone == {"kafka-4"}  # cut from every other Kafka host


EVERYBODY_TELLS = {name: facts(server(ports=(9092, 9093))) for name in NAMES}


@pytest.mark.parametrize(
    ("ports", "of", "gone", "unknown"),
    [
        ((9093,), EVERYBODY_TELLS, True, False),  # another listener, which the others use
        (("9000-9100",), EVERYBODY_TELLS, True, False),
        ((8081, "9100-9200"), EVERYBODY_TELLS, False, False),
        ((9092,), {}, True, False),  # which brokers advertise
        ((9093,), {}, True, True),
        ((9093,), {"kafka-4": facts(server(ports=(9092,)))}, True, True),  # 9093 is on others
    ],
)
def test_ports_are_kafkas_where_a_server_serves_there_or_nobody_knows(
    ports: tuple[int | str, ...], of: dict[str, PreflightFacts], gone: bool, unknown: bool
) -> None:
    members = members_of(inventory(), LED, of)
    found = impact_of([TargetedHosts(partition(ports=ports), ("kafka-4",))], members, of)
    assert found.gone == ({"kafka-4"} if gone else set())
    assert bool(found.unknown) is unknown
    peers = partition("kafka-2", ports=ports)
    between = impact_of([TargetedHosts(peers, ("kafka-1",), ("192.0.2.2",))], members, of)
    assert between.cut == ({frozenset({"kafka-1", "kafka-2"})} if gone else set())
    assert bool(between.unknown) is unknown


def test_ports_of_a_machine_beside_the_cluster_are_its_own_affair() -> None:
    fleet = replace(inventory(), groups={"kafka_broker": ("kafka-1",), "web": ("kafka-4",)})
    members = members_of(fleet, ClusterSnapshot({1: Broker("192.0.2.1", 9092)}, ()))
    found = impact_of([TargetedHosts(partition(ports=(8081,)), ("kafka-4",))], members)
    assert not found.unknown


def test_hosts_beside_the_cluster_are_no_part_of_it() -> None:
    fleet = replace(inventory(), groups={"kafka_broker": ("kafka-1",), "web": ("kafka-4",)})
    one_broker = ClusterSnapshot({1: Broker("192.0.2.1", 9092)}, ())
    members = members_of(fleet, one_broker)
    assert [member.name for member in members.kafka] == ["kafka-1"]
    assert impact_of([TargetedHosts(latency(), ("kafka-4",))], members).at_risk == set()


def test_brokers_are_found_by_name_by_address_and_by_what_a_name_resolves_to() -> None:
    found = members_of(
        inventory(),
        ClusterSnapshot(
            {
                1: Broker("KAFKA-1.", 9092),
                2: Broker("192.0.2.2", 9092),
                3: Broker("three.example.com", 9092, ("2001:db8::3",)),
                9: Broker("elsewhere.example.com", 9092),
            },
            (),
        ),
    )
    homes = {broker: each.name for each in found.by_name.values() for broker in each.brokers}
    assert homes == {1: "kafka-1", 2: "kafka-2", 3: "kafka-3", 9: "broker 9"}
    assert found.by_name["kafka-3"].voter


def test_a_kafka_server_makes_a_host_part_of_the_cluster_whatever_its_group() -> None:
    fleet = replace(inventory(), groups={"kafka": ("kafka-1",)})
    away = ClusterSnapshot({1: Broker("10.9.9.1", 9092)}, ())
    assert not members_of(fleet, away).by_name["kafka-1"].kafka
    member = members_of(fleet, away, {"kafka-1": facts(server())}).by_name["kafka-1"]
    assert member.kafka
    assert member.serves_unseen.startswith("a Kafka server runs on it")


def test_a_controller_alone_advertises_nothing_and_is_not_missed() -> None:
    fleet = replace(inventory(), groups={"kafka_broker": NAMES[1:], "kafka_controller": NAMES[:1]})
    three = ClusterSnapshot({each: broker for each, broker in brokers().items() if each > 1}, ())
    assert (
        not members_of(fleet, three, {"kafka-1": facts(server())}).by_name["kafka-1"].serves_unseen
    )


def test_what_listens_on_the_port_of_a_broker_without_a_host_may_be_that_broker() -> None:
    away = ClusterSnapshot({1: Broker("10.9.9.1", 19092)}, ())
    seen = members_of(inventory(), away, {"kafka-1": facts(listening=(22, 19092))})
    assert "port 19092, and broker 1" in seen.by_name["kafka-1"].serves_unseen
    ports = partition(ports=(19092,))
    assert impact_of([TargetedHosts(ports, ("kafka-1",))], seen).gone == {"kafka-1"}
    elsewhere = members_of(inventory(), away, {"kafka-1": facts(listening=(22,))})
    assert not elsewhere.by_name["kafka-1"].serves_unseen
