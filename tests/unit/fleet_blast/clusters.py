"""Clusters and inventories of four brokers and three controllers, and random ones."""

from __future__ import annotations

from pathlib import Path

from hypothesis import strategies as st

from chaos_runner.blast_radius.fault_impact import TargetedHosts
from chaos_runner.faults.kinds.network.network_partition import NetworkPartition
from chaos_runner.fleet.guard_answers.preflight_facts import PreflightFacts
from chaos_runner.fleet.inventory import Host, Inventory
from chaos_runner.fleet.server_facts import ServerKind, ServerProcess, ServiceFacts
from chaos_runner.measurements.cluster_snapshot import Broker, ClusterSnapshot, Partition

NAMES = tuple(f"kafka-{number}" for number in range(1, 5))
VOTERS = NAMES[:3]


def inventory(voters: tuple[str, ...] = VOTERS, names: tuple[str, ...] = NAMES) -> Inventory:
    hosts = {
        name: Host(name, address=f"192.0.2.{number}", addresses=(f"2001:db8::{number}",))
        for number, name in enumerate(names, 1)
    }
    groups = {"kafka_broker": names}
    if voters:
        groups["kafka_controller"] = voters
    return Inventory(Path("hosts.yml"), hosts, groups)


def brokers(count: int = 4) -> dict[int, Broker]:
    return {number: Broker(f"192.0.2.{number}", 9092) for number in range(1, count + 1)}


def ring(topic: str, replicas: int = 3, count: int = 4) -> list[Partition]:
    """Return a partition led by each broker, with its replicas on the brokers after it."""
    return [
        Partition(topic, leader - 1, leader, held, held)
        for leader in range(1, count + 1)
        for held in [tuple(1 + (leader - 1 + step) % count for step in range(replicas))]
    ]


def snapshot(
    *partitions: Partition, groups: tuple[str, ...] | None = (), **least: int
) -> ClusterSnapshot:
    return ClusterSnapshot(brokers(), partitions, least, groups)


def server(
    unit: str = "kafka.service",
    group: str = "",
    what: ServerKind = "kafka",
    ports: tuple[int, ...] = (),
) -> ServerProcess:
    group = group or f"/system.slice/{unit}"
    return ServerProcess(process=7, what=what, unit=unit, group=group, ports=list(ports))


def facts(
    *servers: ServerProcess,
    service: str = "kafka",
    stops: str = "",
    programs: str = "java",
    loaded: str = "loaded",
    active: str = "active",
    listening: tuple[int, ...] = (),
    groups: str = "",
) -> PreflightFacts:
    """Return what a host tells: its servers, and one service with what stops along with it."""
    unit = f"{service}.service"
    asked = ServiceFacts(
        service=unit,
        loaded=loaded,
        active=active,
        stops=stops or unit,
        groups=groups or f"/system.slice/{unit}",
        programs=programs,
    )
    return PreflightFacts(ok=True, servers=tuple(servers), services=(asked,), listening=listening)


@st.composite
def random_partitions(draw: st.DrawFn, count: int = 4) -> list[Partition]:
    found = []
    for number in range(draw(st.integers(0, 8))):
        replicas = draw(st.lists(st.integers(1, count), min_size=1, max_size=count, unique=True))
        in_sync = draw(st.lists(st.sampled_from(replicas), unique=True))
        leader = draw(st.sampled_from(in_sync)) if in_sync else -1
        topic = draw(st.sampled_from(["a", "b", "__consumer_offsets"]))
        found.append(Partition(topic, number, leader, tuple(replicas), tuple(in_sync)))
    return found


def cut_off(*targets: str) -> list[TargetedHosts]:
    """Return these hosts as targets of a partition from everybody."""
    return [TargetedHosts(NetworkPartition(), targets)]
