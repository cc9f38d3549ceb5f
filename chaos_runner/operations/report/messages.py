"""Messages that are sent by themselves, without a run: findings past their date, an end, a test."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chaos_runner.learning.findings.files import FoundFindings
    from chaos_runner.notify.message import Message


def overdue_findings(found: FoundFindings, today: date) -> Message | None:
    """Return what is said of findings past their date; None where there is none."""
    from chaos_runner.wording.messages import overdue_message

    late = [
        (each.finding.title, each.finding.urgency, each.finding.owner, each.finding.fix.by)
        for each in found.findings
        if each.finding.fix is not None and each.finding.is_overdue(today)
    ]
    late.sort(key=lambda each: each[-1])
    return overdue_message(late, today) if late else None


def end_of_run(journal: Path) -> Message:
    """Return what is said of a run's end; raise UsageError where the journal has none."""
    from chaos_runner.errors import UsageError
    from chaos_runner.journal.events import RunFinished, RunStarted
    from chaos_runner.journal.reader import read_journal
    from chaos_runner.wording.messages import end_message

    started = ended = None
    for event in read_journal(journal).events:
        if isinstance(event, RunStarted):
            started = event
        elif isinstance(event, RunFinished):
            ended = event
    if started is None or ended is None:
        raise UsageError(
            f"{journal}: the run has no end that could be told",
            "wait for it, or look at it with `chaos-runner report`",
        )
    return end_message(started, ended)


def trial_message() -> Message:
    """Return what is sent to see whether messages arrive."""
    from chaos_runner.notify.message import Message

    return Message("end", "Test of chaos-runner", "Messages of chaos-runner arrive here.")
