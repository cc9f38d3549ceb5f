"""Plan and execute a run without faults, and tell what it measured: `probe` and `baseline`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from chaos_runner.cli.running import execute_plan, outcome_as_json, write_report

if TYPE_CHECKING:
    from chaos_runner.experiment.models import Experiment
    from chaos_runner.run.events import RunKind
    from chaos_runner.run.execution import Outcome
    from chaos_runner.run.measured import Measured


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
    inventory: Path | None,
    runs_directory: Path,
) -> Measurement:
    """Execute an experiment without its faults, from the probe's start to the report.

    The inventory is read only where it is named or nothing else tells the bootstrap servers. No
    host is touched. Raises ProbeError or UsageError when the probe cannot start.
    """
    from chaos_runner.cli.fleet_session import FleetSession, open_fleet
    from chaos_runner.fleet.blast_radius import BlastRadius
    from chaos_runner.fleet.inventory import NO_INVENTORY
    from chaos_runner.hosts.ansible import AnsibleHand
    from chaos_runner.run.identity import new_run_identity
    from chaos_runner.run.journal_reader import read_journal
    from chaos_runner.run.kafka_access import known_servers
    from chaos_runner.run.measured import measured_in
    from chaos_runner.run.plan import NO_FILE, Plan
    from chaos_runner.workspace import find_inventory

    servers = known_servers(experiment.kafka, experiment_file)
    if servers and inventory is None:
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


def print_measurement(measurement: Measurement, *, as_normal: bool) -> None:
    """Print verdict, figures, judgements and reasons to stdout.

    With `as_normal`, what stands against calling the figures normal is a reason too.
    """
    from rich.console import Console
    from rich.markup import escape

    from chaos_runner.cli.live_state import VERDICT_COLOURS

    console = Console(soft_wrap=True, highlight=False)
    outcome = measurement.outcome
    colour = VERDICT_COLOURS[outcome.verdict]
    console.print(f"[{colour}]{outcome.verdict}[/]  {escape(outcome.title)}")
    for name, text in _figures(measurement.measured):
        console.print(f"  {name:<13} {text}")
    for judgement in measurement.measured.judgements:
        reason = f" ({judgement.reason})" if judgement.reason else ""
        console.print(
            f"  {'judged':<13} {judgement.tolerance} {judgement.limit}: {judgement.observed}, "
            f"[{VERDICT_COLOURS[judgement.verdict]}]{judgement.verdict}[/]{escape(reason)}"
        )
    reasons = [*outcome.reasons, *(measurement.measured.doubts if as_normal else ())]
    for reason in dict.fromkeys(reasons):
        console.print(f"  {'but':<13} {escape(reason)}")
    if measurement.report:
        console.print(f"report  {measurement.report}")


def _figures(measured: Measured) -> list[tuple[str, str]]:
    from chaos_runner.run.baseline import normal_text

    totals = measured.totals

    def three(which: str) -> str:
        return ", ".join(
            f"{point} {normal_text(f'{which}_{point}', measured)}"
            for point in ("p50", "p99", "max")
        )

    return [
        (
            "records",
            f"{totals.scheduled:,} due, {totals.acked:,} acknowledged, {totals.seen:,} read back, "
            f"{totals.lost:,} lost",
        ),
        ("availability", normal_text("availability", measured)),
        ("acknowledged", three("ack")),
        ("end to end", three("end_to_end")),
        ("duplicates", normal_text("duplicates", measured)),
        ("under-replic.", f"{normal_text('under_replicated_partitions', measured)} partitions"),
    ]
