"""A plan names exact hosts and commands, and says what stands in the way."""

from __future__ import annotations

from pathlib import Path

import pytest

from chaos_runner.errors import InvalidInventoryError, ProbeError, RefusedError
from chaos_runner.experiment.load import load_experiment
from chaos_runner.experiment.models import Experiment
from chaos_runner.fleet.channels import SshAnswer
from chaos_runner.fleet.guard_answers.answer import KnownFault
from chaos_runner.fleet.guard_answers.preflight_facts import PreflightFacts
from chaos_runner.fleet.inventory import Host, Inventory
from chaos_runner.fleet.preflight import Problem
from chaos_runner.hosts.guard import guard_digest
from chaos_runner.journal.identity import RunIdentity
from chaos_runner.measurements.cluster_snapshot import Broker, ClusterSnapshot, Partition, Voter
from chaos_runner.planning.fleet_facts import FleetFacts
from chaos_runner.planning.plan import Plan
from chaos_runner.planning.planner import make_plan
from tests.unit.fleet_preflight.capabilities import lacking

NAMES = ("kafka-1", "kafka-2", "kafka-3", "kafka-4")
INVENTORY = Inventory(
    source=Path("hosts.yml"),
    hosts={
        name: Host(name, address=f"192.0.2.{number}", addresses=(f"2001:db8::{number}",))
        for number, name in enumerate(NAMES, 1)
    },
    groups={"kafka_broker": NAMES},
)


WHOLE = ClusterSnapshot(
    brokers={number: Broker(f"192.0.2.{number}", 9092) for number in range(1, 5)},
    partitions=tuple(
        Partition("orders", leader - 1, leader, replicas, replicas)
        for leader in range(1, 5)
        for replicas in [tuple(1 + (leader - 1 + step) % 4 for step in range(3))]
    ),
    min_insync_replicas={"orders": 2},
    groups=(),
    voters={number: Voter((f"192.0.2.{number}",)) for number in range(1, 4)},
)
"""Four brokers that each lead a partition of a topic that may miss one of three replicas."""


def facts(**changes: object) -> PreflightFacts:
    able = {
        "ok": True,
        "device": "eth7",
        "ssh_port": 2222,
        "controller": "192.0.2.99",
        "root": True,
        "capabilities": lacking("iptables"),
        "disk_free_mib": 900,
    }
    return PreflightFacts.model_validate(able | changes)


def experiment(directory: Path, faults: str) -> Experiment:
    file = directory / "experiment.yml"
    file.write_text(f"title: A test\nlease: 20s\nfaults:\n{faults}")
    return load_experiment(file)


@pytest.mark.parametrize(
    ("told", "refused"),
    [
        ({"unwritable": ["/usr/local/sbin"]}, True),
        ({"unwritable": ["/etc/systemd/system"], "installed": guard_digest()}, True),
        (
            {
                "unwritable": ["/usr/local/sbin", "/etc/systemd/system"],
                "installed": guard_digest(),
                "boot_unit": True,
            },
            False,
        ),
        ({"unwritable": ["/var/lib"], "installed": guard_digest(), "boot_unit": True}, True),
    ],
)
def test_a_host_that_the_guard_cannot_be_put_on_is_refused(
    told: dict[str, object], *, refused: bool
) -> None:
    found = FleetFacts({"kafka-1": facts(**told)}, {}).problems("kafka-1", frozenset())
    assert any("nothing can be written in" in each.text for each in found) is refused


def planned(
    directory: Path,
    faults: str,
    of: dict[str, PreflightFacts] | None = None,
    silent: str = "",
    cluster: ClusterSnapshot | ProbeError | None = None,
) -> Plan:
    answered = {name: (of or {}).get(name, facts()) for name in NAMES if name != silent}
    reasons = {silent: "no route to host"} if silent else {}

    def resolve(pattern: str) -> tuple[str, ...]:
        return (pattern,) if pattern in INVENTORY.hosts else INVENTORY.group(pattern)

    return make_plan(
        experiment(directory, faults),
        directory / "experiment.yml",
        INVENTORY,
        RunIdentity("20261123-144500-kabc", "kabc"),
        FleetFacts(answered, reasons),
        resolve,
        WHOLE if cluster is None else cluster,
    )


def test_targets_control_and_the_rest_of_the_fleet(tmp_path: Path) -> None:
    plan = planned(tmp_path, "  - network_partition:\n    targets: {hosts: kafka-3}\n")
    (fault,) = plan.faults
    assert (fault.fault, fault.targets, fault.control) == ("kabc_1", ["kafka-3"], [])
    assert plan.untouched == ("kafka-1", "kafka-2", "kafka-4")
    assert plan.bootstrap_servers.startswith("192.0.2.1:9092,")


def test_commands_show_the_hosts_own_device_and_port(tmp_path: Path) -> None:
    plan = planned(tmp_path, "  - network_latency: {delay: 80ms}\n    targets: {hosts: kafka-2}\n")
    text = "\n".join(plan.faults[0].commands["kafka-2"])
    assert 'tc qdisc add dev "eth7" root handle c4a0: prio' in text
    assert "tcp sport 2222 accept" in text
    assert "chaos_kabc_1" in text
    assert "timeout 20s" in text
    assert "$device" not in text


def test_commands_of_a_link_that_flaps_show_how_long_each_cut_is(tmp_path: Path) -> None:
    flap = "network_flap: {down: 30s, up: 10s, peers: [192.0.2.1]}"
    faults = f"  - {flap}\n    targets: {{hosts: kafka-2}}\n"
    (fault,) = planned(tmp_path, faults).faults
    commands = "\n".join(fault.commands["kafka-2"])
    assert "192.0.2.1 timeout 30s" in commands
    assert "timeout 20s" not in commands  # the lease
    kernel = next(each for each in fault.fail_safes["kafka-2"] if each.name == "kernel expiry")
    assert kernel.fires == "30s after a cut began; the next one comes while the lease lasts"


def test_commands_show_the_packet_filter_the_host_has(tmp_path: Path) -> None:
    faults = "  - network_partition:\n    targets: {group: kafka_broker}\n"
    old = facts(capabilities=lacking("nft"))
    commands = planned(tmp_path, faults, {"kafka-2": old}).faults[0].commands
    assert "iptables-restore" in "\n".join(commands["kafka-2"])
    assert "iptables-restore" not in "\n".join(commands["kafka-1"])


def test_hosts_that_cannot_carry_the_fault_are_passed_over(tmp_path: Path) -> None:
    without = {name: facts(capabilities=lacking("netem")) for name in NAMES[:3]}
    plan = planned(
        tmp_path,
        "  - network_latency: {delay: 80ms}\n    targets: {group: kafka_broker, count: 1}\n",
        without,
    )
    assert plan.targets == ("kafka-4",)
    assert set(plan.passed_over) == {"kafka-1", "kafka-2", "kafka-3"}
    assert "sch_netem" in plan.passed_over["kafka-1"]
    plan.refuse_if_unsafe()


def test_all_hosts_are_refused_when_one_cannot_carry_the_fault(tmp_path: Path) -> None:
    plan = planned(
        tmp_path,
        "  - network_latency: {delay: 80ms}\n    targets: {group: kafka_broker}\n",
        {"kafka-2": facts(capabilities=lacking("netem"))},
    )
    with pytest.raises(RefusedError, match=r"kafka-2: .*sch_netem"):
        plan.refuse_if_unsafe()


def test_no_capable_host_at_all_is_refused_with_each_reason(tmp_path: Path) -> None:
    without = {name: facts(capabilities=lacking("netem")) for name in NAMES}
    with pytest.raises(RefusedError, match="kernel-modules-extra") as refused:
        planned(tmp_path, "  - network_latency: {delay: 80ms}\n", without)
    assert all(name in refused.value.message for name in NAMES)


def test_a_host_that_does_not_answer_is_refused_where_all_are_wanted(tmp_path: Path) -> None:
    faults = "  - network_partition:\n    targets: {group: kafka_broker}\n"
    plan = planned(tmp_path, faults, silent="kafka-1")
    with pytest.raises(RefusedError, match=r"kafka-1: cannot be reached: no route to host"):
        plan.refuse_if_unsafe()


def test_an_earlier_fault_is_refused_and_named(tmp_path: Path) -> None:
    earlier = KnownFault(fault="kold_1", run="old-run", kind="service_stop", phase="ACTIVE")
    plan = planned(
        tmp_path,
        "  - network_partition:\n    targets: {hosts: kafka-1}\n",
        {"kafka-1": facts(faults=[earlier])},
    )
    with pytest.raises(RefusedError, match="old-run"):
        plan.refuse_if_unsafe()


def test_two_delays_on_one_host_are_refused(tmp_path: Path) -> None:
    one = "  - network_latency: {delay: 80ms}\n    targets: {hosts: kafka-1}\n"
    with pytest.raises(RefusedError, match="network_latency twice"):
        planned(tmp_path, one + one).refuse_if_unsafe()


def test_peers_become_every_address_of_theirs(tmp_path: Path) -> None:
    plan = planned(
        tmp_path,
        "  - network_partition: {peers: [kafka-2, 198.51.100.0/24]}\n"
        "    targets: {hosts: kafka-1}\n",
    )
    assert plan.faults[0].variables["network_partition_peers"] == [
        "192.0.2.2",
        "2001:db8::2",
        "198.51.100.0/24",
    ]


def test_an_unknown_group_names_the_groups_there_are(tmp_path: Path) -> None:
    faults = "  - network_partition:\n    targets: {group: kafka_brokers}\n"
    with pytest.raises(InvalidInventoryError) as error:
        planned(tmp_path, faults)
    assert "kafka_broker" in error.value.hint


def test_the_cap_outlasts_the_fault_and_its_lease(tmp_path: Path) -> None:
    plan = planned(
        tmp_path, "  - network_partition:\n    targets: {hosts: kafka-1}\n    duration: 40s\n"
    )
    (fault,) = plan.faults
    assert fault.lease == 20
    assert fault.cap >= fault.duration + fault.lease + 30


def planned_over_ssh(
    directory: Path, answer: SshAnswer, *, one_channel: bool, duration: str = "30s"
) -> Plan:
    faults = f"  - network_partition:\n    targets: {{hosts: kafka-1}}\n    duration: {duration}\n"
    answered = {name: facts(boot_id="a") for name in NAMES}
    return make_plan(
        experiment(directory, faults),
        directory / "experiment.yml",
        INVENTORY,
        RunIdentity("20261123-144500-kabc", "kabc"),
        FleetFacts(answered, {}, {"kafka-1": answer}, accept_one_channel=one_channel),
        lambda pattern: (pattern,),
        WHOLE,
    )


def test_a_host_that_only_ansible_reaches_is_refused_unless_one_channel_is_accepted(
    tmp_path: Path,
) -> None:
    unreached = Problem("the host's key is not known", "ssh-keyscan")
    with pytest.raises(RefusedError, match=r"kafka-1: .*key is not known") as refused:
        planned_over_ssh(tmp_path, unreached, one_channel=False).refuse_if_unsafe()
    assert "--one-channel" in refused.value.message
    accepted = planned_over_ssh(tmp_path, unreached, one_channel=True)
    accepted.refuse_if_unsafe()
    assert list(accepted.one_channel) == ["kafka-1"]
    assert accepted.faults[0].lease > accepted.faults[0].duration


def test_a_plan_says_where_a_fault_outlasts_a_lease_that_nobody_renews(tmp_path: Path) -> None:
    unreached = Problem("the host's key is not known", "ssh-keyscan")
    (fault,) = planned_over_ssh(tmp_path, unreached, one_channel=True, duration="10m").faults
    assert fault.lease == 300
    assert "on kafka-1: the fault ends there after 5m of 10m" in " ".join(fault.notes)
    by_name = {rung.name: rung.fires for rung in fault.fail_safes["kafka-1"]}
    assert by_name["lease watchdog"].startswith("5m after the fault is on")
    (short,) = planned_over_ssh(tmp_path, unreached, one_channel=True).faults
    assert short.notes == []


def test_channels_to_different_machines_are_refused_whatever_is_accepted(tmp_path: Path) -> None:
    elsewhere = facts(boot_id="b")
    with pytest.raises(RefusedError, match="different machines"):
        planned_over_ssh(tmp_path, elsewhere, one_channel=True).refuse_if_unsafe()


def test_a_machine_under_two_names_is_neither_hit_twice_nor_its_own_control_group(
    tmp_path: Path,
) -> None:
    def machine(number: int) -> PreflightFacts:
        links = {"eth0": [f"192.0.2.{number}/24"]}
        return facts(boot_id="the same", hostname="broker", links=links)

    def refusal(of: dict[str, PreflightFacts], count: str) -> str:
        targets = f"{{group: kafka_broker, {count}}}"
        plan = planned(tmp_path, f"  - network_partition:\n    targets: {targets}\n", of)
        return "; ".join(each.text for found in plan.problems.values() for each in found)

    others = {name: machine(9 + number) for number, name in enumerate(NAMES)}
    twice = {**others, NAMES[0]: machine(1), NAMES[1]: machine(1)}
    assert "is the same machine" in refusal(twice, "all: true")
    assert "is the same machine" in refusal(twice, "count: 1, exclude: [kafka-3, kafka-4]")
    assert "is the same machine" not in refusal(others, "all: true")
    unknown = {name: facts(hostname="broker") for name in NAMES}
    assert "is the same machine" not in refusal(unknown, "all: true")
