"""Print how several runs ended, as one table."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table

from chaos_runner.cli.text.output import VERDICT_COLOURS, foreign
from chaos_runner.execution.phases import Outcome


def print_summary(outcomes: list[Outcome], reports: Mapping[str, Path | None]) -> None:
    """Print verdict, hosts and report of each run to stdout."""
    console = Console(soft_wrap=True)
    table = Table(box=box.SIMPLE_HEAD)
    for heading in ("experiment", "verdict", "hosts"):
        table.add_column(heading)
    for outcome in outcomes:
        hosts = ", ".join(f"{foreign(name)} {state}" for name, state in outcome.hosts.items())
        table.add_row(
            foreign(outcome.title),
            f"[{VERDICT_COLOURS[outcome.verdict]}]{outcome.verdict}[/]",
            hosts or "none touched",
        )
    console.print(table)
    for outcome in outcomes:
        for reason in outcome.reasons:
            console.print(f"{foreign(outcome.title)}: {foreign(reason)}")
    for outcome in outcomes:
        if report := reports.get(outcome.run):
            console.print(f"report  {foreign(str(report))}", highlight=False)
