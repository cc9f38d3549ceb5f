"""What `run`, `baseline` and `probe` share: execute one plan before the user's eyes, and report."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from chaos_runner.shown import shown

if TYPE_CHECKING:
    from chaos_runner.execution.phases import Outcome
    from chaos_runner.experiment.models import Experiment
    from chaos_runner.hosts.ansible.channel import AnsibleChannel
    from chaos_runner.measurements.run_kind import RunKind
    from chaos_runner.operations.measure import Measurement
    from chaos_runner.planning.plan import Plan


def execute_plan(plan: Plan, ansible: AnsibleChannel, runs_directory: Path) -> Outcome:
    """Execute a plan with the live display on stderr, and tell the receivers of the environment.

    Signals end it early and in order.

    Raises ProbeError or UsageError when the probe cannot start.
    """
    from chaos_runner.cli.live.display import LiveDisplay
    from chaos_runner.cli.text.output import warn
    from chaos_runner.execution.announcing.announcements import RunAnnouncements
    from chaos_runner.execution.start import start_run
    from chaos_runner.execution.stopping.interruption import watch_signals
    from chaos_runner.notify.receivers import find_receivers
    from chaos_runner.versions import versions

    announcements = RunAnnouncements(find_receivers(), warn)
    display = LiveDisplay(plan)
    with watch_signals(display.on_signal) as interruption, display:
        return start_run(
            plan,
            ansible,
            interruption,
            runs_directory,
            versions(),
            display.observe,
            announcements,
        )


def measure_and_report(
    experiment: Experiment,
    experiment_file: Path,
    kind: RunKind,
    inventory: Sequence[Path] | None,
    runs_directory: Path,
) -> tuple[Measurement, Path | None]:
    """Execute an experiment without its faults before the user's eyes, and write its report."""
    from chaos_runner.operations.measure import measure

    def execute(plan: Plan, ansible: AnsibleChannel) -> Outcome:
        return execute_plan(plan, ansible, runs_directory)

    measurement = measure(experiment, experiment_file, kind, inventory, execute)
    return measurement, try_report(measurement.outcome)


def try_report(outcome: Outcome) -> Path | None:
    """Write the report; a full disk must not hide how the run and its hosts ended."""
    from chaos_runner.errors import UsageError
    from chaos_runner.operations.report import write_html

    try:
        return write_html(outcome.journal, findings=_findings_here())
    except UsageError as error:
        print(f"chaos-runner: no report: {shown(str(error))}", file=sys.stderr)
        return None


def _findings_here() -> Path | None:
    """Return where findings are; a workspace file that counts for nothing else keeps none."""
    from chaos_runner.errors import ChaosRunnerError
    from chaos_runner.workspace import find_findings

    try:
        return find_findings()
    except ChaosRunnerError as error:
        print(f"chaos-runner: a report without findings: {shown(str(error))}", file=sys.stderr)
        return None
