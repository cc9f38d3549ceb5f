"""Resolve a fault of the Kafka cluster: which brokers it concerns, and what takes it back. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from chaos_runner.blast_radius.kafka_members import members_of
from chaos_runner.errors import ProbeError, RefusedError
from chaos_runner.experiment.models import FaultEntry
from chaos_runner.faults import ClusterFault
from chaos_runner.fleet.fail_safes import FailSafe
from chaos_runner.fleet.targets import Selection, select_targets
from chaos_runner.journal.events import PlannedFault
from chaos_runner.measurements.cluster_fault import (
    CLUSTER,
    ClusterChange,
    MoveLeaders,
    RebalanceGroup,
    SwitchPower,
    ThrottleReplication,
)
from chaos_runner.measurements.cluster_snapshot import ClusterSnapshot
from chaos_runner.planning.kafka_roles import Eyes, role_holders, role_words
from chaos_runner.planning.named_on_cluster import notes_on_names
from chaos_runner.planning.timeline.course import PlannedOccurrence
from chaos_runner.planning.timeline.timing import Timing
from chaos_runner.units import format_duration


def select_brokers(
    entry: FaultEntry,
    options: ClusterFault,
    candidates: Sequence[str],
    eyes: Eyes,
    cluster: ClusterSnapshot | ProbeError,
) -> Selection:
    """Choose the hosts whose brokers the fault concerns, among those that have a live broker.

    No host need be reachable for it. Raises RefusedError where the cluster does not tell its
    brokers, or none of them is on a candidate.
    """
    if not options.of_brokers:
        return Selection((), ())
    if isinstance(cluster, ProbeError):
        raise RefusedError(
            f"{options.kind} needs to know the cluster's brokers: {cluster.message}", cluster.hint
        )
    members = members_of(eyes.inventory, cluster)
    holders = role_holders(entry.targets, candidates, eyes)
    with_broker = {host for host in holders if members.by_name[host].brokers}
    if not with_broker:
        raise RefusedError(
            f"no live broker advertises an address of {', '.join(holders)}, so {options.kind} "
            "has none to concern",
            "chaos_addresses names the addresses by which a host is known",
        )
    return select_targets(entry.targets, candidates, with_broker, holders)


def planned_on_cluster(
    entry: FaultEntry,
    options: ClusterFault,
    fault: str,
    occurrence: PlannedOccurrence,
    timing: Timing,
    eyes: Eyes,
    selection: Selection,
) -> PlannedFault:
    """Return the fault as planned: its target is the cluster, its brokers are those concerned."""
    brokers: dict[str, list[int]] = {}
    if eyes.cluster is not None:
        members = members_of(eyes.inventory, eyes.cluster).by_name
        brokers = {host: sorted(members[host].brokers) for host in selection.targets}
    change = _with_hosts(options.change(), selection, eyes)
    return PlannedFault(
        fault=fault,
        kind=options.kind,
        summary=options.describe(),
        outcome=options.outcome(),
        targets=[CLUSTER],
        chosen_as=role_words(entry.targets) if options.of_brokers else "",
        control=list(selection.control),
        start=occurrence.start,
        duration=occurrence.duration,
        occurrence=occurrence.place,
        lease=timing.lease,
        cap=timing.cap,
        variables={},
        notes=notes_on_names(entry, eyes.cluster, occurrence.start),
        change=change,
        brokers=brokers,
        commands={
            CLUSTER: steps_of(change, sorted({each for on in brokers.values() for each in on}))
        },
        fail_safes={CLUSTER: fail_safes_of_cluster(change, occurrence.duration, timing)},
    )


def _with_hosts(change: ClusterChange, selection: Selection, eyes: Eyes) -> ClusterChange:
    """Return a change of power with the hosts that it is about."""
    if not isinstance(change, SwitchPower):
        return change
    hosts = [eyes.inventory.hosts[name] for name in selection.targets]
    on_hosts = tuple(change.on_host(each.name, each.address, each.port) for each in hosts)
    return change.model_copy(update={"hosts": on_hosts})


def steps_of(change: ClusterChange, brokers: Sequence[int]) -> list[str]:
    """Return for people to read what is sent to the cluster."""
    named = ", ".join(map(str, brokers))
    match change:
        case ThrottleReplication():
            return [
                f"IncrementalAlterConfigs on brokers {named}: leader.replication.throttled.rate "
                f"and follower.replication.throttled.rate = {change.rate}",
                f"IncrementalAlterConfigs on topics {', '.join(change.topics)}: "
                "leader.replication.throttled.replicas and follower.replication.throttled.replicas "
                f"= those on brokers {named}",
            ]
        case MoveLeaders():
            return [
                f"AlterPartitionReassignments on partitions of {', '.join(change.topics)} that "
                f"brokers {named} lead: the same replicas, those on other brokers first",
                "ElectLeaders (preferred) on the same partitions",
            ]
        case RebalanceGroup():
            return [
                f"JoinGroup and LeaveGroup in {change.group} every "
                f"{format_duration(change.every)}, subscribed to {', '.join(change.topics)}; "
                "no record is read, nothing is committed"
            ]
        case SwitchPower():
            return [f"on the control node: {shlex.join(each.off)}" for each in change.hosts]


def fail_safes_of_cluster(change: ClusterChange, duration: float, timing: Timing) -> list[FailSafe]:
    """Return what takes a fault of the cluster back, and when; no host has a part in it."""
    match change:
        case RebalanceGroup():
            own = "the brokers forget a member whose process has died, after its session"
        case SwitchPower():
            own = "a host that is off stays off"
        case _:
            own = "the cluster itself keeps what was set"
    return [
        FailSafe(name="cluster", fires=own, there=isinstance(change, RebalanceGroup)),
        FailSafe(
            name="watchdog",
            fires=f"at once when the run dies, {format_duration(timing.lease)} after its last "
            f"renewal, {format_duration(timing.cap)} at most; a process on the control node, so "
            "not when that machine dies",
        ),
        FailSafe(
            name="roll-back",
            fires=f"{format_duration(duration)} after the fault is on; at once on a safeguard, a "
            "signal, an error or a dead probe",
        ),
        FailSafe(name="recover", fires="whenever `chaos-runner recover` is called"),
        FailSafe(name="preflight", fires="refuses the next run while the fault is on"),
    ]
