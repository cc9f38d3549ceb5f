"""The group of commands `chaos-runner gameday`."""

from __future__ import annotations

import typer

from chaos_runner.cli.gameday import check

app = typer.Typer(help="Game days: experiments on an agenda, with people.", no_args_is_help=True)
app.command()(check.check)
