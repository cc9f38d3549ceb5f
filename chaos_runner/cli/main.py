"""The command line `chaos-runner`: registers every command, turns errors into exit codes.

The command modules import what they need inside their functions, so that `--help` and shell
completion do not pay for Ansible, Kafka or paramiko.
"""

from __future__ import annotations

import os
import signal
import sys
import traceback
from types import FrameType
from typing import Annotated, NoReturn

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
    serve,
    validate,
)
from chaos_runner.cli.gameday import group as gameday
from chaos_runner.cli.learning import (
    add_finding,
    changelog,
    diagnose,
    findings,
    gate,
    history,
    insights,
    notify,
    status,
    suggest,
)
from chaos_runner.cli.schedule import check, monkey
from chaos_runner.cli.text.crash import DEBUG_VARIABLE, crash_told
from chaos_runner.cli.text.output import print_error_unless_said, wants_json
from chaos_runner.cli.text.streams import steady_output
from chaos_runner.errors import ChaosRunnerError
from chaos_runner.own_process import leave_no_image
from chaos_runner.shown import shown

EXIT_CODES = """Exit codes: 0 the steady state held and every host is clean. 1 it deviated.
2 wrong usage or a mistake in a file. 3 inconclusive, or the probe failed. 4 refused by a
safety check. 5 a fault could not be applied. 10 a host is not clean (wins over all others).
130, 143 interrupted, but rolled back. 70 an error inside chaos-runner."""

app = typer.Typer(
    name="chaos-runner",
    help="Break a Kafka fleet on purpose, measure what its clients lose, restore every host.",
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
app.command()(diagnose.diagnose)
app.command()(history.history)
app.command()(history.trend)
app.command()(history.compare)
app.command()(changelog.changelog)
app.command()(gate.gate)
app.command()(insights.insights)
app.command()(suggest.suggest)
app.command()(status.status)
app.command()(notify.notify)
app.add_typer(check.app, name="schedule")
app.command()(monkey.monkey)
app.command()(serve.serve)
findings.app.command()(add_finding.add)
app.add_typer(findings.app, name="findings")
app.add_typer(gameday.app, name="gameday")


def _print_version(wanted: bool) -> None:
    if wanted:
        from chaos_runner.versions import version_lines

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
    """Run the command line: every end is one message, one exit code, and with JSON one document."""
    leave_no_image()
    out, _ = steady_output()
    end_in_order_when_told_to()
    code = _run(sys.argv[1:])
    sys.stdout.flush()
    if out.error is not None and not isinstance(out.error, BrokenPipeError):
        print(f"chaos-runner: the result was not written: {out.error.strerror}", file=sys.stderr)
        code = code or ChaosRunnerError.exit_code
    sys.exit(code)


def _run(arguments: list[str]) -> int:
    """Run a command and return its exit code; whatever it raises is told."""
    try:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING)
        app(arguments)
    except SystemExit as end:
        return _ended(end)
    except ChaosRunnerError as error:
        return _tell(error)
    except KeyboardInterrupt:
        return _told_interrupted(128 + signal.SIGINT)
    except Exception as error:  # noqa: BLE001  # the last resort: told, kept in a file, and exit 70
        return _crashed(error)
    return 0


def _ended(end: SystemExit) -> int:
    """Return the exit code of a command that ended itself, or that typer ended."""
    code = end.code if isinstance(end.code, int) else int(end.code is not None)
    cause = end.__context__
    if isinstance(cause, BrokenPipeError) and code == 1:  # typer takes it for the reader's
        return _crashed(cause)
    if isinstance(cause, typer.Abort):
        code = 128 + signal.SIGINT
    if isinstance(cause, KeyboardInterrupt) or code in _SIGNALLED:
        return _told_interrupted(code)
    if code and wants_json(sys.argv):
        print_error_unless_said(str(cause or f"it ended with exit code {code}"))
    return code


def _told_interrupted(code: int) -> int:
    if wants_json(sys.argv):
        print_error_unless_said("interrupted")
    return code


def _crashed(error: Exception) -> int:
    told = crash_told(error)
    if os.environ.get(DEBUG_VARIABLE):
        traceback.print_exception(error)
    return _tell(told)


def _tell(error: ChaosRunnerError) -> int:
    if wants_json(sys.argv):
        print_error_unless_said(error.message, error.hint)
    print(f"chaos-runner: {shown(str(error))}", file=sys.stderr)
    return error.exit_code


_ENDING = (signal.SIGHUP, signal.SIGINT, signal.SIGTERM)
_SIGNALLED = tuple(128 + number for number in _ENDING)


def end_in_order_when_told_to() -> None:
    """Let SIGTERM and SIGHUP end a command as Ctrl-C does: what it started and wrote is cleared up.

    A signal that is ignored stays so (nohup); a run has handlers of its own meanwhile.
    """
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _exit_on)


def _exit_on(number: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(128 + number)
