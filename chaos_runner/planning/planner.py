"""Resolve an experiment against an inventory: exact hosts, exact commands. It only reads."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from chaos_runner.blast_radius.service_impact import problems_of_service
from chaos_runner.errors import ProbeError
from chaos_runner.experiment.models import Experiment, FaultEntry
from chaos_runner.faults import ClusterFault, ServiceFault
from chaos_runner.fleet.address_book import AddressBook
from chaos_runner.fleet.inventory import Inventory
from chaos_runner.fleet.preflight import Problem
from chaos_runner.fleet.targets import EXCLUDED, Selection
from chaos_runner.journal.events import PlannedFault
from chaos_runner.journal.identity import RunIdentity
from chaos_runner.measurements.cluster_layout import layout_of
from chaos_runner.measurements.cluster_snapshot import ClusterSnapshot
from chaos_runner.planning.blast_radius_check import radius_of, reaches_of, targets_of
from chaos_runner.planning.cluster_plan import planned_on_cluster, select_brokers
from chaos_runner.planning.fleet_facts import FleetFacts, hosts_left_out, may_be_chosen
from chaos_runner.planning.host_plan import planned_on_hosts, select_hosts
from chaos_runner.planning.kafka_access import known_servers
from chaos_runner.planning.kafka_roles import (
    Eyes,
    default_group,
    voters_of,
)
from chaos_runner.planning.network_plan import ResolvePattern, plan_network
from chaos_runner.planning.plan import Plan
from chaos_runner.planning.target_split import cut_from_one_another
from chaos_runner.planning.timeline.course import (
    course_of,
    gone_meanwhile,
    occupied_twice,
)
from chaos_runner.planning.timeline.timing import timings_of


def candidate_hosts(
    entry: FaultEntry, inventory: Inventory, resolve: ResolvePattern
) -> tuple[str, ...]:
    """Return the hosts among which an entry's targets are chosen."""
    if entry.targets.hosts is not None:
        return resolve(entry.targets.hosts)
    return inventory.group(default_group(entry.targets, inventory))


def make_plan(
    experiment: Experiment,
    experiment_file: Path,
    inventory: Inventory,
    identity: RunIdentity,
    facts: FleetFacts,
    resolve: ResolvePattern,
    cluster: ClusterSnapshot | ProbeError,
    resolved: Mapping[str, tuple[str, ...]] | None = None,
) -> Plan:
    """Choose targets and work out every command, and whom they would hurt.

    `cluster` is what Kafka tells of itself, or why it does not; `resolved` what the names of
    peers resolve to on the control node.
    Raises InvalidInventoryError when an entry ends up with too few hosts, RefusedError when
    none of its hosts can carry the fault. What stands against single hosts is in the plan.
    """
    known = None if isinstance(cluster, ProbeError) else cluster
    eyes = Eyes(inventory, known, facts.answered)
    book = AddressBook(inventory, facts.answered, facts.silent, known, resolved or {})
    faults: list[PlannedFault] = []
    problems: dict[str, list[Problem]] = {}
    passed_over: dict[str, str] = {}
    left_out = hosts_left_out(experiment, facts, _may_be_chosen(experiment, inventory, resolve))
    selections = [
        _select(entry, eyes, facts, resolve, cluster, left_out) for entry in experiment.faults
    ]
    hosts_with_faults = {host for selection in selections for host in selection.targets}
    one_channel = {
        host: why for host, why in facts.one_channel.items() if host in hosts_with_faults
    }
    course = course_of(experiment, [selection.targets for selection in selections])
    timings = timings_of(experiment, course, renewed=not one_channel)
    for index, occurrence in enumerate(course):
        entry = experiment.faults[occurrence.place.entry]
        selection = replace(selections[occurrence.place.entry], targets=occurrence.targets)
        fault, timing = identity.fault(index, of=len(course)), timings[index]
        if isinstance(entry.options, ClusterFault):
            faults.append(
                planned_on_cluster(entry, entry.options, fault, occurrence, timing, eyes, selection)
            )
            continue
        needs = entry.options.needed()
        network = plan_network(entry.options, selection, hosts_with_faults, book, resolve)
        for host in (*selection.targets, *_wanted_but_unable(entry, selection, left_out)):
            devices = network.interfaces.get(host, ())
            found = [*facts.problems(host, needs, devices), *network.problems.get(host, [])]
            if isinstance(entry.options, ServiceFault):
                found += problems_of_service(entry.options.service, facts.answered.get(host))
            problems[host] = [*problems.get(host, []), *found]
        for host, reason in selection.passed_over.items():
            found = facts.problems(host, needs) if reason != EXCLUDED else []
            passed_over[host] = found[0].text if found else reason
        faults.append(
            planned_on_hosts(entry, fault, occurrence, selection, timing, facts, network, known)
        )
    for host, problem in (
        *occupied_twice(experiment, course),
        *gone_meanwhile(experiment, course),
        *facts.named_twice(hosts_with_faults, _control(selections)),
    ):
        problems.setdefault(host, []).append(problem)
    targeted = targets_of(experiment, faults)
    return Plan(
        identity=identity,
        experiment=experiment,
        experiment_file=experiment_file,
        inventory=inventory,
        bootstrap_servers=known_servers(experiment.kafka, experiment_file)
        or inventory.bootstrap_servers(),
        faults=tuple(faults),
        facts=dict(facts.answered),
        problems={host: list(dict.fromkeys(found)) for host, found in problems.items()},
        passed_over=passed_over,
        blast_radius=radius_of(targeted, inventory, cluster, facts.answered),
        reaches=reaches_of(experiment, faults, inventory, cluster, facts.answered),
        one_channel=one_channel,
        cluster=None if known is None else layout_of(known, voters_of(eyes)),
        left_out=left_out,
    )


def _select(
    entry: FaultEntry,
    eyes: Eyes,
    facts: FleetFacts,
    resolve: ResolvePattern,
    cluster: ClusterSnapshot | ProbeError,
    left_out: Collection[str],
) -> Selection:
    candidates = candidate_hosts(entry, eyes.inventory, resolve)
    if isinstance(entry.options, ClusterFault):
        return select_brokers(entry, entry.options, candidates, eyes, cluster)
    chosen = select_hosts(entry, candidates, eyes, facts, left_out)
    return cut_from_one_another(entry, candidates, chosen, resolve, eyes)


def _control(selections: Iterable[Selection]) -> Iterable[str]:
    return (host for selection in selections for host in selection.control)


def _may_be_chosen(
    experiment: Experiment, inventory: Inventory, resolve: ResolvePattern
) -> Iterable[str]:
    return dict.fromkeys(
        host
        for entry in experiment.faults
        if not isinstance(entry.options, ClusterFault)  # which touches no host
        for host in may_be_chosen(entry, candidate_hosts(entry, inventory, resolve))
    )


def _wanted_but_unable(
    entry: FaultEntry, selection: Selection, left_out: Collection[str]
) -> list[str]:
    """Return the hosts that `all` asks for and that cannot carry the fault."""
    if entry.targets.count is not None or entry.targets.percent is not None:
        return []
    return [
        host
        for host, reason in selection.passed_over.items()
        if reason != EXCLUDED and host not in left_out
    ]
