"""`chaos-runner notify`: notify people by chat, mail or webhook, or see what they would get."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from chaos_runner.cli.options.shared import FindingsOption, RunsOption
from chaos_runner.cli.text.output import Output, OutputOption, print_json, print_text
from chaos_runner.errors import ProbeError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chaos_runner.notify.message import Message
    from chaos_runner.notify.receivers import Receiver
    from chaos_runner.notify.sending import Delivery

NOT_DELIVERED = ProbeError.exit_code
"""The exit code where a receiver did not take a message: whether anybody knows is unclear."""


def notify(
    run: Annotated[
        str | None,
        typer.Argument(
            metavar="[RUN]",
            help="Say how this run ended; without it, which findings are past their date.",
        ),
    ] = None,
    test: Annotated[
        bool, typer.Option("--test", help="Send a test message to every receiver instead.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be sent to whom, and send nothing.")
    ] = False,
    runs: RunsOption = None,
    findings: FindingsOption = None,
    output: OutputOption = Output.text,
) -> None:
    """Notify the receivers of the environment of findings past their date, or of a run's end.

    A run notifies them of its start, a safeguard that trips, and its end by itself. Exit code 3
    where a receiver could not be notified.
    """
    from chaos_runner.journal.journal import find_journal
    from chaos_runner.notify.receivers import VARIABLE, find_receivers
    from chaos_runner.notify.sending import send
    from chaos_runner.operations.findings import findings_in, today
    from chaos_runner.operations.report.messages import end_of_run, overdue_findings, trial_message
    from chaos_runner.workspace import find_findings, find_runs

    if run is not None and test:
        raise UsageError("RUN and --test are two messages", "name one of them")
    receivers = find_receivers()
    if not receivers:
        raise UsageError(
            f"there is nobody to notify: {VARIABLE} is not set",
            f"export {VARIABLE}='service://…'; docs/guide/notify.md has examples",
        )
    found = findings_in(find_findings(findings))
    message: Message | None
    if test:
        message = trial_message()
        receivers = tuple(replace(each, events=(message.event,)) for each in receivers)
    elif run is not None:
        message = end_of_run(find_journal(run, find_runs(runs)))
    else:
        message = overdue_findings(found, today())
    notified = [each for each in receivers if message is not None and message.event in each.events]
    delivered = [] if dry_run or message is None else send(message, notified)
    _print(message, notified, delivered, output)
    if message is None or message.event == "overdue":
        found.require_whole()
    if any(each.problem for each in delivered):
        raise typer.Exit(NOT_DELIVERED)


def _print(
    message: Message | None,
    notified: Sequence[Receiver],
    delivered: Sequence[Delivery],
    output: Output,
) -> None:
    problems = {each.receiver: each.problem for each in delivered}
    if output is Output.json:
        receivers = [
            {"receiver": each.label, "sent": problem == "", "problem": problem or None}
            for each in notified
            for problem in [problems.get(each.label)]
        ]
        words = {"title": message.title, "text": message.body} if message else None
        print_json({"message": words, "receivers": receivers})
        return
    if message is None:
        print_text("no finding is past its date; nothing was sent")
        return
    lines = [message.title, *(f"  {line}" for line in message.body.splitlines()), ""]
    if not notified:
        lines.append(f"no receiver is notified of the event `{message.event}`")
    for each in notified:
        if each.label not in problems:
            lines.append(f"{each.label}: would be sent")
        else:
            lines.append(f"{each.label}: {problems[each.label] or 'sent'}")
    print_text("\n".join(lines))
