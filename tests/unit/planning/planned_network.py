"""Plans of network faults on made-up hosts."""

from __future__ import annotations

from pathlib import Path

from chaos_runner.experiment.load import load_experiment
from chaos_runner.fleet.guard_answers.preflight_facts import PreflightFacts
from chaos_runner.fleet.inventory import Host, Inventory
from chaos_runner.journal.events import PlannedFault
from chaos_runner.journal.identity import RunIdentity
from chaos_runner.measurements.cluster_snapshot import Broker, ClusterSnapshot
from chaos_runner.planning.fleet_facts import FleetFacts
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
