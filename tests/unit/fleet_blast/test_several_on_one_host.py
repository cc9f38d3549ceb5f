"""Several brokers on one machine: what takes it away takes all of them, the unseen ones too."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from chaos_runner.blast_radius.blast_radius import BlastRadius, blast_radius
from chaos_runner.blast_radius.fault_impact import TargetedHosts
from chaos_runner.blast_radius.kafka_members import members_of
from chaos_runner.blast_radius.permission import forbidden_by
from chaos_runner.experiment.allowance import Allowance
from chaos_runner.faults.kinds.network.network_partition import NetworkPartition
from chaos_runner.fleet.inventory import Host, Inventory
from chaos_runner.fleet.server_facts import ServerProcess
from chaos_runner.measurements.cluster_snapshot import Broker, ClusterSnapshot, Voter
from tests.unit.fleet_blast.clusters import NAMES, facts, inventory, ring, server

PAIRED = {number: Broker(f"192.0.2.{(number + 1) // 2}", 9091 + number) for number in range(1, 9)}
"""Eight brokers, two on each of four machines."""


def paired(**least: int) -> ClusterSnapshot:
    return ClusterSnapshot(PAIRED, tuple(ring("orders", 3, 8)), least, ())


def cut(target: str, *peers: str) -> list[TargetedHosts]:
    options = NetworkPartition.model_validate({"peers": list(peers)})
    return [TargetedHosts(options, (target,), peers)]


def test_a_machine_that_is_gone_takes_all_its_brokers() -> None:
    found = blast_radius(cut("kafka-1"), inventory(), paired(orders=2))
    assert found.count("under_min_isr") == 2, "those with two of three replicas on it"
    assert found.count("lose_leader") == 2


def test_brokers_on_one_machine_are_not_cut_from_each_other() -> None:
    both = ClusterSnapshot(PAIRED, tuple(ring("orders", 2, 8)[:1]), {"orders": 2}, ())
    assert blast_radius(cut("kafka-1", "192.0.2.2"), inventory(), both).harmed_topics == []


@pytest.mark.parametrize("target", ["kafka-1a", "kafka-1b"])
def test_a_machine_under_two_names_is_cut_whichever_is_the_target(target: str) -> None:
    hosts = {"kafka-1a": "192.0.2.1", "kafka-1b": "192.0.2.1", "kafka-2": "192.0.2.2"}
    fleet = Inventory(
        Path("hosts.yml"),
        {name: Host(name, address) for name, address in hosts.items()},
        {"kafka_broker": tuple(hosts)},
    )
    between = ClusterSnapshot(PAIRED, tuple(ring("orders", 2, 8)[1:2]), {"orders": 2}, ())
    found = blast_radius(cut(target, "192.0.2.2"), fleet, between)
    assert found.harmed_topics == ["orders"]


def with_servers(*servers: ServerProcess, voters: tuple[int, ...] = ()) -> BlastRadius:
    """Return whom the loss of kafka-1 hurts; one live broker advertises an address of it."""
    known = {number: broker for number, broker in PAIRED.items() if number % 2}
    elsewhere = known | {2: Broker("198.51.100.9", 9093)}
    cluster = replace(ClusterSnapshot(elsewhere, ()), voters=dict.fromkeys(voters, Voter()))
    fleet = replace(inventory(), groups={"kafka_broker": NAMES})
    return blast_radius(cut("kafka-1"), fleet, cluster, {"kafka-1": facts(*servers)})


def test_a_server_beside_the_known_broker_may_be_another_broker() -> None:
    found = with_servers(server(ports=(9092,)), server("kafka@2.service", ports=(9093,)))
    assert "kafka-1: 2 Kafka servers run on it" in found.unknown
    assert forbidden_by(found, Allowance()) != []
    assert with_servers(server(ports=(9092,))).unknown == ""


def test_a_controller_beside_the_known_broker_is_no_other_broker() -> None:
    broker, controller = ServerProcess(node=1), ServerProcess(node=3001)
    assert with_servers(broker, controller, voters=(3001,)).unknown == ""
    named = ServerProcess(node=3001, voters=[3001])
    assert with_servers(broker, named).unknown == ""
    assert "2 Kafka servers" in with_servers(broker, ServerProcess(node=2), voters=(3001,)).unknown


def test_one_controller_that_has_no_number_is_allowed_for_on_a_host_of_controllers() -> None:
    two = [server(), server("controller.service")]
    told = {"kafka-1": facts(*two)}
    cluster = ClusterSnapshot({1: PAIRED[1]}, ())
    assert not members_of(inventory(), cluster, told).by_name["kafka-1"].serves_unseen
    three = {"kafka-1": facts(*two, server("kafka@2.service"))}
    assert members_of(inventory(), cluster, three).by_name["kafka-1"].serves_unseen
