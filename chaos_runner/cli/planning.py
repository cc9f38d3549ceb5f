"""Make a plan from an experiment file and an inventory, for `plan` and for `run`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from chaos_runner.cli.fleet_session import FleetSession, gather_facts

if TYPE_CHECKING:
    from chaos_runner.experiment.models import Experiment
    from chaos_runner.run.plan import Plan


def plan_experiment(experiment: Experiment, file: Path, session: FleetSession) -> Plan:
    """Ask an experiment's candidate hosts what they are, and resolve it. Only reads.

    `file` is what the experiment was loaded from.
    """
    from chaos_runner.hosts.inventory_reader import resolve_pattern
    from chaos_runner.run.identity import new_run_identity
    from chaos_runner.run.name_lookup import look_up_hosts
    from chaos_runner.run.network_plan import peer_hosts
    from chaos_runner.run.outlook import look_at_cluster
    from chaos_runner.run.planner import FleetFacts, candidate_hosts, make_plan
    from chaos_runner.run.settling import settled

    inventory = session.inventory

    def resolve(pattern: str) -> tuple[str, ...]:
        if pattern in inventory.hosts:
            return (pattern,)
        if pattern in inventory.groups or pattern == "all":
            return inventory.group(pattern)
        return resolve_pattern(inventory.source, pattern)

    candidates = dict.fromkeys(
        host for entry in experiment.faults for host in candidate_hosts(entry, inventory, resolve)
    )
    peers = peer_hosts(experiment, resolve)
    asked = list(dict.fromkeys((*candidates, *peers)))
    facts = FleetFacts(*gather_facts(session, asked))
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
    return settled(plan, cluster)
