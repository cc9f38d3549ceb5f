"""Execute a run without faults, for `probe` and `baseline`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from chaos_runner.cli.running import execute_plan, outcome_as_json, write_report

if TYPE_CHECKING:
    from chaos_runner.baseline.measured import Measured
    from chaos_runner.experiment.models import Experiment
    from chaos_runner.journal.events import RunKind
    from chaos_runner.run.execution import Outcome


@dataclass(frozen=True)
class Measurement:
    """Hold how a run without faults ended, what it measured, and its report."""

    outcome: Outcome
    measured: Measured
    report: Path | None

    def as_json(self) -> dict[str, object]:
        """Return it as the JSON of the command line; latencies are milliseconds."""
        measured = self.measured
        return outcome_as_json(self.outcome, self.report) | {
            "records": {
                name: getattr(measured.totals, name)
                for name in ("scheduled", "acked", "seen", "lost", "unknown", "unseen")
            },
            "availability": measured.availability,
            "loss": measured.loss,
            "duplicates": measured.duplicates,
            "latencies": measured.latencies,
            "under_replicated_partitions": measured.under_replicated,
            "judgements": [judgement.model_dump() for judgement in measured.judgements],
            "doubts": list(measured.doubts),
        }


def measure(
    experiment: Experiment,
    experiment_file: Path,
    kind: RunKind,
    inventory: Sequence[Path] | None,
    runs_directory: Path,
) -> Measurement:
    """Execute an experiment without its faults, from the probe's start to the report.

    The inventory is read only where it is named or nothing else tells the bootstrap servers. No
    host is touched. Raises ProbeError or UsageError when the probe cannot start.
    """
    from chaos_runner.baseline.measured import measured_in
    from chaos_runner.blast_radius.blast_radius import BlastRadius
    from chaos_runner.cli.fleet_session import FleetSession, open_fleet
    from chaos_runner.fleet.inventory import NO_INVENTORY
    from chaos_runner.hosts.ansible.channel import AnsibleHand
    from chaos_runner.journal.identity import new_run_identity
    from chaos_runner.journal.reader import read_journal
    from chaos_runner.planning.kafka_access import known_servers
    from chaos_runner.planning.plan import NO_FILE, Plan
    from chaos_runner.workspace import find_inventory, inventory_of_user

    servers = known_servers(experiment.kafka, experiment_file)
    if servers and not inventory_of_user(inventory):
        session = FleetSession(NO_INVENTORY, AnsibleHand(NO_INVENTORY))
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
    )
    if experiment_file == NO_FILE:
        title = f"Probe of {plan.bootstrap_servers}"[:200]
        plan = replace(plan, experiment=experiment.model_copy(update={"title": title}))
    outcome = execute_plan(plan, session.ansible, runs_directory)
    measured = measured_in(read_journal(outcome.journal))
    return Measurement(outcome, measured, write_report(outcome))
