"""Make a plan from an experiment file and an inventory, for `plan` and for `run`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from chaos_runner.operations.fleet import FleetSession, ask_over_ssh, gather_facts

if TYPE_CHECKING:
    from chaos_runner.experiment.models import Experiment
    from chaos_runner.planning.plan import Plan


def plan_experiment(
    experiment: Experiment,
    file: Path,
    session: FleetSession,
    *,
    one_channel: bool = False,
    begins: datetime | None = None,
) -> Plan:
    """Ask an experiment's candidate hosts what they are, over both channels, and resolve it.

    Only reads. `file` is what the experiment was loaded from; with `one_channel` hosts are taken
    that Ansible alone reaches. What hosts consent to is judged as if it began at `begins`, by
    default now.
    """
    from chaos_runner.faults import ClusterFault, ServiceFault
    from chaos_runner.hosts.inventory.reader import resolve_pattern
    from chaos_runner.hosts.nodes.load_command import load_problems
    from chaos_runner.hosts.nodes.zone_probes import zone_problems
    from chaos_runner.journal.identity import new_run_identity
    from chaos_runner.operations.recovery.cluster_faults import with_open_faults
    from chaos_runner.planning.blast_radius_check import look_at_cluster
    from chaos_runner.planning.consent_check import with_consent
    from chaos_runner.planning.fleet_facts import FleetFacts
    from chaos_runner.planning.name_lookup import look_up_hosts
    from chaos_runner.planning.network_plan import may_be_peers, peer_hosts
    from chaos_runner.planning.planner import candidate_hosts, make_plan
    from chaos_runner.planning.wait_for_recovery import settled

    inventory = session.inventory

    def resolve(pattern: str) -> tuple[str, ...]:
        if pattern in inventory.hosts:
            return (pattern,)
        if pattern in inventory.groups or pattern == "all":
            return inventory.group(pattern)
        return resolve_pattern(inventory.sources, pattern)

    candidates = dict.fromkeys(
        host
        for entry in experiment.faults
        if not isinstance(entry.options, ClusterFault)  # which touches no host
        for host in candidate_hosts(entry, inventory, resolve)
    )
    peers = peer_hosts(experiment, resolve)
    asked = list(dict.fromkeys((*candidates, *peers, *may_be_peers(experiment, inventory))))
    services = [
        entry.options.service
        for entry in experiment.faults
        if isinstance(entry.options, ServiceFault)
    ]
    answered, silent = gather_facts(session, asked, services)
    by_ssh, _ = ask_over_ssh(session, [host for host in candidates if host in answered])
    facts = FleetFacts(answered, silent, by_ssh, accept_one_channel=one_channel)
    cluster = look_at_cluster(experiment, file, inventory)
    plan = make_plan(
        experiment,
        file,
        inventory,
        new_run_identity(),
        facts,
        resolve,
        cluster,
        look_up_hosts(inventory, peers),
    )
    of_zones = zone_problems(experiment.probe.zones, inventory, plan.targets)
    of_load = load_problems(experiment.load, inventory, plan.targets)
    for zone, found in (*of_zones.items(), *of_load.items()):
        plan.problems.setdefault(zone, []).extend(found)
    plan = with_open_faults(settled(plan, cluster), cluster)
    return with_consent(plan, begins or datetime.now(UTC))
