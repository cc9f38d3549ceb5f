"""The group of commands `chaos-runner gameday`."""

from __future__ import annotations

import typer

from chaos_runner.cli.gameday import check, remarks, report, walk

app = typer.Typer(help="Game days: experiments on an agenda, with people.", no_args_is_help=True)
app.command()(check.check)
app.command()(walk.run)
app.command()(walk.rehearse)
app.command()(walk.resume)
app.command()(remarks.note)
app.command()(remarks.noticed)
app.command()(remarks.abort)
app.command()(report.report)
