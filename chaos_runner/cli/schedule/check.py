"""`chaos-runner schedule check`: read a schedule and all the files it names, touching nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from chaos_runner.cli.text.output import Output, OutputOption, print_json, print_text
from chaos_runner.errors import UsageError

app = typer.Typer(help="Work with schedules: experiments that come by themselves.")


@app.callback()
def _schedules() -> None:
    """Work with schedules: experiments that come by themselves."""


@app.command()
def check(
    schedule: Annotated[Path, typer.Argument(help="A schedule file (YAML).")],
    output: OutputOption = Output.text,
) -> None:
    """Check a schedule, its experiments and its calendar, and show every mistake at once."""
    from chaos_runner.schedule.load import HINT, check_schedule
    from chaos_runner.schedule.values import format_long_duration
    from chaos_runner.units import format_duration

    checked = check_schedule(schedule)
    if output is Output.json:
        print_json(
            {
                "file": str(schedule),
                "valid": checked.loaded is not None,
                "title": checked.loaded.schedule.title if checked.loaded else None,
                "experiments": [
                    {"name": each.name, "seconds": each.seconds}
                    for each in (checked.loaded.experiments if checked.loaded else ())
                ],
                "mistakes": list(checked.mistakes),
            }
        )
        if checked.loaded is None:
            raise typer.Exit(UsageError.exit_code)
        return
    if checked.loaded is None:
        raise UsageError("\n".join(checked.mistakes), HINT)
    lines = [f"{schedule}: valid: {checked.loaded.schedule.title}"]
    for each in checked.loaded.experiments:
        rhythm = f"cron {each.cron}" if each.cron else ""
        rhythm = rhythm or f"every {format_long_duration(each.mean or 0)} on the average"
        lines.append(f"  {each.name}: {rhythm}, takes some {format_duration(each.seconds)}")
    print_text("\n".join(lines))
