"""Execute a run without faults, for `probe` and `baseline`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chaos_runner.baseline.measured import Measured
    from chaos_runner.execution.phases import Outcome
    from chaos_runner.experiment.models import Experiment
    from chaos_runner.hosts.ansible.channel import AnsibleChannel
    from chaos_runner.measurements.run_kind import RunKind
    from chaos_runner.planning.plan import Plan


@dataclass(frozen=True)
class Measurement:
    """How a run without faults ended, and what it measured."""

    outcome: Outcome
    measured: Measured


def measure(
    experiment: Experiment,
    experiment_file: Path,
    kind: RunKind,
    inventory: Sequence[Path] | None,
    execute: Callable[[Plan, AnsibleChannel], Outcome],
) -> Measurement:
    """Execute an experiment without its faults, from the probe's start to the verdict.

    `execute` executes the plan. The inventory is read only where it is named or nothing else tells
    the bootstrap servers. No host is touched. Raises ProbeError or UsageError when
    the probe cannot start.
    """
    from chaos_runner.baseline.measured import measured_in
    from chaos_runner.blast_radius.blast_radius import BlastRadius
    from chaos_runner.fleet.inventory import NO_INVENTORY
    from chaos_runner.hosts.ansible.channel import AnsibleChannel
    from chaos_runner.hosts.nodes.load_command import load_problems
    from chaos_runner.hosts.nodes.zone_probes import zone_problems
    from chaos_runner.journal.identity import new_run_identity
    from chaos_runner.journal.reader import read_journal
    from chaos_runner.operations.fleet import FleetSession, open_fleet
    from chaos_runner.planning.kafka_access import known_servers
    from chaos_runner.planning.plan import NO_FILE, Plan
    from chaos_runner.workspace import find_inventory, inventory_of_user

    servers = known_servers(experiment.kafka, experiment_file)
    on_hosts = experiment.probe.zones or (experiment.load and experiment.load.host)
    if servers and not inventory_of_user(inventory) and not on_hosts:
        session = FleetSession(NO_INVENTORY, AnsibleChannel(NO_INVENTORY))
    else:
        session = open_fleet(find_inventory(inventory))
    plan = Plan(
        identity=new_run_identity(),
        experiment=experiment,
        experiment_file=experiment_file,
        inventory=session.inventory,
        bootstrap_servers=servers or session.inventory.bootstrap_servers(),
        faults=(),
        facts={},
        blast_radius=BlastRadius(),
        kind=kind,
        problems={
            **zone_problems(experiment.probe.zones, session.inventory, ()),
            **load_problems(experiment.load, session.inventory, ()),
        },
    )
    plan.refuse_if_unsafe()
    if experiment_file == NO_FILE:
        title = f"Probe of {plan.bootstrap_servers}"[:200]
        plan = replace(plan, experiment=experiment.model_copy(update={"title": title}))
    outcome = execute(plan, session.ansible)
    measured = measured_in(read_journal(outcome.journal))
    return Measurement(outcome, measured)
