"""Resolve a fault of hosts: which can carry it, what is done there and what takes it back. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from chaos_runner.errors import RefusedError
from chaos_runner.experiment.models import FaultEntry
from chaos_runner.faults import FaultKind
from chaos_runner.fleet.commands import commands_on_host, render_fault_script
from chaos_runner.fleet.fail_safes import fail_safes
from chaos_runner.fleet.guard_answers.preflight_facts import PreflightFacts
from chaos_runner.fleet.preflight import capabilities_of
from chaos_runner.fleet.targets import Selection, select_targets
from chaos_runner.journal.events import PlannedFault
from chaos_runner.measurements.cluster_snapshot import ClusterSnapshot
from chaos_runner.planning.fleet_facts import FleetFacts
from chaos_runner.planning.kafka_roles import Eyes, role_holders, role_words
from chaos_runner.planning.named_on_cluster import notes_on_names
from chaos_runner.planning.network_plan import NetworkPlan
from chaos_runner.planning.target_split import unheard_of
from chaos_runner.planning.timeline.course import PlannedOccurrence
from chaos_runner.planning.timeline.timing import Timing
from chaos_runner.units import format_duration


def select_hosts(
    entry: FaultEntry,
    candidates: Sequence[str],
    eyes: Eyes,
    facts: FleetFacts,
    left_out: Collection[str],
) -> Selection:
    """Choose the hosts that get the fault, among those that can carry it.

    Raises RefusedError where none of them can.
    """
    needs = entry.options.needed()
    holders = role_holders(entry.targets, candidates, eyes)
    capable = {host for host in holders if facts.supports(host, needs) and host not in left_out}
    if not capable:
        lines = [
            f"{host}: {problem.text}" + (f"\n    hint: {problem.hint}" if problem.hint else "")
            for host in holders
            for problem in facts.problems(host, needs)[:1]
        ]
        raise RefusedError(
            f"no host can carry {entry.options.kind}; nothing was touched:\n  " + "\n  ".join(lines)
        )
    return select_targets(entry.targets, candidates, capable, holders)


def planned_on_hosts(
    entry: FaultEntry,
    fault: str,
    occurrence: PlannedOccurrence,
    selection: Selection,
    timing: Timing,
    facts: FleetFacts,
    network: NetworkPlan,
    cluster: ClusterSnapshot | None,
) -> PlannedFault:
    """Return the fault as it is put on its targets: exact commands and fail-safes of each."""
    options = entry.options
    lease, cap = timing.lease, timing.cap
    return PlannedFault(
        fault=fault,
        kind=options.kind,
        summary=options.describe(),
        outcome=options.outcome(),
        targets=list(selection.targets),
        chosen_as=role_words(entry.targets),
        control=list(selection.control),
        start=occurrence.start,
        duration=occurrence.duration,
        occurrence=occurrence.place,
        lease=lease,
        cap=cap,
        variables=network.variables,
        host_variables=network.host_variables,
        peers=network.peers,
        unheard=unheard_of(entry.options, selection),
        interfaces={host: list(devices) for host, devices in network.interfaces.items()},
        spared=network.spared,
        notes=[
            *network.notes,
            *notes_on_names(entry, cluster),
            *_ends_unrenewed(occurrence, lease, facts),
        ],
        commands={
            host: _commands(options, network, facts.answered[host], host, fault, lease)
            for host in selection.targets
        },
        fail_safes={
            host: fail_safes(
                options,
                facts.answered[host],
                occurrence.duration,
                lease,
                cap,
                renewed=host not in facts.one_channel,
            )
            for host in selection.targets
        },
    )


def _ends_unrenewed(occurrence: PlannedOccurrence, lease: float, facts: FleetFacts) -> list[str]:
    """Say where the longest lease is over before the fault is to end, and nobody renews it."""
    hosts = [host for host in occurrence.targets if host in facts.one_channel]
    if not hosts or occurrence.duration <= lease:
        return []
    length = format_duration(occurrence.duration)
    return [
        f"nobody renews the lease on {', '.join(hosts)}: the fault ends there after "
        f"{format_duration(lease)} of {length}, and the run cannot be said to hold"
    ]


def _commands(
    options: FaultKind,
    network: NetworkPlan,
    facts: PreflightFacts,
    host: str,
    fault: str,
    lease: int,
) -> list[str]:
    chosen = options.choices_on(capabilities_of(facts))
    script = render_fault_script(options.kind, {**network.on_host(host), **chosen})
    return commands_on_host(script, facts, fault, lease, network.interfaces.get(host, ()))
