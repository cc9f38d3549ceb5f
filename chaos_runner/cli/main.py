"""The command line `chaos-runner`: registers every command, turns errors into exit codes.

The command modules import what they need inside their functions, so that `--help` and shell
completion do not pay for Ansible, Kafka or paramiko.
"""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from chaos_runner.cli import (
    audit,
    baseline,
    doctor,
    halt,
    init,
    lab,
    plan,
    probe,
    recover,
    report,
    run,
    schema,
    validate,
)
from chaos_runner.errors import ChaosRunnerError

EXIT_CODES = """Exit codes: 0 the steady state held and every host is clean. 1 it deviated.
2 wrong usage or a mistake in a file. 3 inconclusive, or the probe failed. 4 refused by a
safety guard. 5 a fault could not be applied. 10 a host is not clean (wins over all others).
130, 143 interrupted, but rolled back. 70 an error inside chaos-runner."""

app = typer.Typer(
    name="chaos-runner",
    help="Break a Kafka fleet on purpose, measure what its clients lose, put every host back.",
    epilog=EXIT_CODES,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.command()(init.init)
app.command()(validate.validate)
app.command()(plan.plan)
app.command()(run.run)
app.command()(probe.probe)
app.command()(baseline.baseline)
app.command()(recover.recover)
app.command()(halt.halt)
app.command()(halt.resume)
app.command()(audit.audit)
app.command()(report.report)
app.command()(doctor.doctor)
app.command()(schema.schema)
app.add_typer(lab.app, name="lab")


def _print_version(wanted: bool) -> None:
    if wanted:
        from chaos_runner.cli.versions import version_lines

        print("\n".join(version_lines()))
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Show versions and exit."
        ),
    ] = False,
) -> None:
    """Hold the options of the program itself."""


def main() -> None:
    """Run the command line; every known error becomes one message and its exit code."""
    try:
        app()
    except ChaosRunnerError as error:
        _tell(error)
        sys.exit(error.exit_code)


def _tell(error: ChaosRunnerError) -> None:
    if _wants_json(sys.argv):
        from chaos_runner.cli.output import print_json

        print_json({"error": {"message": error.message, "hint": error.hint}})
    print(f"chaos-runner: {error}", file=sys.stderr)


def _wants_json(arguments: list[str]) -> bool:
    """Tell whether `--output json` was asked for, in any of its spellings."""
    pairs = zip(arguments, [*arguments[1:], ""], strict=True)
    return any(
        argument in ("--output=json", "-ojson")
        or (argument in ("--output", "-o") and value == "json")
        for argument, value in pairs
    )
