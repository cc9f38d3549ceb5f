"""Bring planned faults and the live cluster together, to see whom the run would hurt."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from chaos_runner.blast_radius.blast_radius import BlastRadius
from chaos_runner.blast_radius.fault_impact import TargetedHosts
from chaos_runner.blast_radius.fault_reach import reach_of
from chaos_runner.blast_radius.kafka_members import members_of
from chaos_runner.blast_radius.over_time import radius_over_time
from chaos_runner.errors import ProbeError
from chaos_runner.experiment.models import Experiment
from chaos_runner.faults import ClusterFault, FaultKind
from chaos_runner.fleet.guard_answers.preflight_facts import PreflightFacts
from chaos_runner.fleet.inventory import Inventory
from chaos_runner.journal.events import PlannedFault
from chaos_runner.kafka.survey.own_addresses import addresses_towards
from chaos_runner.kafka.survey.process import survey
from chaos_runner.measurements.cluster_snapshot import ClusterSnapshot
from chaos_runner.measurements.exposure import FaultReach
from chaos_runner.planning.kafka_access import known_servers


def look_at_cluster(
    experiment: Experiment, experiment_file: Path, inventory: Inventory
) -> ClusterSnapshot | ProbeError:
    """Return the cluster as it is now, or why it does not tell. It is only asked.

    Raises UsageError for client properties that cannot work, as a run would.
    """
    kafka = experiment.kafka
    servers = known_servers(kafka, experiment_file) or inventory.bootstrap_servers()
    try:
        return survey(servers, kafka.properties, kafka.in_file(experiment_file))
    except ProbeError as error:
        return error


def targets_of(experiment: Experiment, faults: Sequence[PlannedFault]) -> list[TargetedHosts]:
    """Return what each planned fault does and when, with the addresses of its peers."""
    every = [(experiment.faults[fault.occurrence.entry].options, fault) for fault in faults]
    return [
        TargetedHosts(
            options=options,
            targets=hosts,
            peers=_peer_addresses(options, variables),
            start=fault.start,
            end=fault.end,
        )
        for options, fault in every
        for hosts, variables in _alike(fault)
    ]


def reaches_of(
    experiment: Experiment,
    faults: Sequence[PlannedFault],
    inventory: Inventory,
    cluster: ClusterSnapshot | ProbeError,
    facts: Mapping[str, PreflightFacts],
) -> tuple[FaultReach, ...]:
    """Return which machines of the cluster each planned fault reaches."""
    known = ClusterSnapshot({}, ()) if isinstance(cluster, ProbeError) else cluster
    members = members_of(inventory, known, facts)
    targeted = {fault.fault: targets_of(experiment, [fault]) for fault in faults}
    every = (each for those in targeted.values() for each in those)
    limited = {host for each in every if each.peers for host in each.targets}
    # What a host sees of this machine a relay may have changed, on its way for SSH alone.
    probe = {
        host: addresses_towards(facts[host].addresses) | {facts[host].controller}
        for host in limited & facts.keys()
    }
    return tuple(reach_of(fault, those, members, probe) for fault, those in targeted.items())


def radius_of(
    targeted: Sequence[TargetedHosts],
    inventory: Inventory,
    cluster: ClusterSnapshot | ProbeError,
    facts: Mapping[str, PreflightFacts],
) -> BlastRadius:
    """Return the blast radius, unknown where the cluster did not tell what it holds."""
    if isinstance(cluster, ProbeError):
        radius = BlastRadius(unknown=cluster.message)
    else:
        radius = radius_over_time(targeted, inventory, cluster, facts)
    of_cluster = [each.options for each in targeted if isinstance(each.options, ClusterFault)]
    disturbed = {group for options in of_cluster for group in options.disturbs_groups()}
    return radius.model_copy(update={"disturbed_groups": sorted(disturbed)})


def _alike(fault: PlannedFault) -> Iterator[tuple[tuple[str, ...], Mapping[str, object]]]:
    """Yield targets with their role variables; together where no host has any of its own."""
    if not fault.host_variables:
        yield tuple(fault.chosen), fault.variables
    for host, own in fault.host_variables.items():
        yield (host,), {**fault.variables, **own}


def _peer_addresses(options: FaultKind, variables: Mapping[str, object]) -> tuple[str, ...]:
    peers = variables.get(f"{options.role_name()}_peers", [])
    return tuple(map(str, peers)) if isinstance(peers, list) else ()
