"""What `run`, `baseline` and `probe` share: execute one plan before the user's eyes, and report."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chaos_runner.shown import shown

if TYPE_CHECKING:
    from chaos_runner.hosts.ansible.channel import AnsibleHand
    from chaos_runner.planning.plan import Plan
    from chaos_runner.run.execution import Outcome

RunsOption = Annotated[
    Path | None,
    typer.Option("--runs", help="Where journals and reports are kept.", envvar="CHAOS_RUNNER_RUNS"),
]


def execute_plan(plan: Plan, ansible: AnsibleHand, runs_directory: Path) -> Outcome:
    """Execute a plan with the live display on stderr; signals end it early and in order.

    Raises ProbeError or UsageError when the probe cannot start.
    """
    from chaos_runner.cli.live.display import LiveDisplay
    from chaos_runner.cli.versions import versions
    from chaos_runner.run.interruption import watch_signals
    from chaos_runner.run.start import start_run

    display = LiveDisplay(plan)
    with watch_signals(display.on_signal) as interruption, display:
        return start_run(plan, ansible, interruption, runs_directory, versions(), display.observe)


def write_report(outcome: Outcome) -> Path | None:
    """Write the report; a full disk must not hide how the run and its hosts ended."""
    from chaos_runner.cli.report import write_html
    from chaos_runner.errors import UsageError

    try:
        return write_html(outcome.journal)
    except UsageError as error:
        print(f"chaos-runner: no report: {shown(str(error))}", file=sys.stderr)
        return None


def outcome_as_json(outcome: Outcome, report: Path | None) -> dict[str, object]:
    """Return how a run ended as the JSON of the command line."""
    return {
        "run": outcome.run,
        "title": outcome.title,
        "verdict": outcome.verdict,
        "exit_code": outcome.exit_code,
        "reasons": outcome.reasons,
        "hosts": [{"name": name, "state": state} for name, state in outcome.hosts.items()],
        "journal": str(outcome.journal),
        "report": str(report) if report else None,
    }
