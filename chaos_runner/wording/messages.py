"""What people are told of a run by chat or mail: a title, and a few lines."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, tzinfo

from chaos_runner.journal.events import RunFinished, RunStarted, SafeguardTripped
from chaos_runner.notify.message import Message, Tone
from chaos_runner.shown import as_argument
from chaos_runner.units import format_duration
from chaos_runner.wording.run_reasons import run_reason_words
from chaos_runner.wording.safeguards import condition_words, seen_words

MOST_LINES = 10
"""Faults or reasons in one message."""
NOT_CLEAN = 10
"""The exit code of a run that left a host that is not clean."""
_TONES: dict[str, Tone] = {"held": "success", "deviated": "warning", "inconclusive": "warning"}


def start_message(run: RunStarted) -> Message:
    """Say which faults a run is about to put on, where, and how they are stopped."""
    faults = [
        f"{each.summary} on {', '.join(each.chosen)} for {format_duration(each.duration)}"
        for each in run.faults
    ]
    owner = f", owner {run.owner}" if run.owner else ""
    about = f"Run {run.run}{owner}. `chaos-runner halt` ends it with every fault taken back."
    return Message("start", f"Starts: {run.title}", "\n".join([*_few(faults), about]))


def safeguard_message(run: RunStarted, tripped: SafeguardTripped) -> Message:
    """Say which safeguard ended the faults, and what it saw."""
    seen = f"{condition_words(tripped.safeguard)}: {seen_words(tripped.observed)}"
    body = f"{seen}\nRun {run.run}. The faults are being taken back."
    return Message("safeguard", f"Safeguard ends the faults: {run.title}", body, "warning")


def end_message(run: RunStarted, end: RunFinished) -> Message:
    """Say how a run ended, and why it is not better."""
    dirty = end.exit_code == NOT_CLEAN
    word = "Host not clean" if dirty else end.verdict.capitalize()
    reasons = [run_reason_words(each) for each in end.reasons]
    next_step = "`chaos-runner recover` takes back what is left." if dirty else ""
    body = "\n".join([*_few(reasons), f"Run {run.run}. {next_step}".rstrip()])
    tone = "failure" if dirty else _TONES[end.verdict]
    return Message("end", f"{word}: {run.title}", body, tone)


def announcement_message(title: str, owner: str, due: datetime, zone: tzinfo) -> Message:
    """Say that an experiment of a schedule comes, and when."""
    of = f" Owner: {owner}." if owner else ""
    body = f"It begins at {due.astimezone(zone):%Y-%m-%d %H:%M %Z}.{of}"
    return Message("announcement", f"Comes: {title}", body)


def finding_message(experiment: str, title: str, owner: str, run: str, finding: str) -> Message:
    """Say whose finding a deviation became, and when its experiment comes again."""
    body = (
        f"Owner: {owner}. Finding {finding}, of run {run}.\nIt comes again when the finding is "
        f"closed (`chaos-runner findings close {as_argument(finding)}`), or after "
        f"`chaos-runner monkey --release {as_argument(experiment)}`."
    )
    return Message("finding", f"Deviated, and held back: {title}", body, "warning")


def overdue_message(findings: Sequence[tuple[str, str, str, date]], today: date) -> Message:
    """Say which findings are past their date: title, urgency, owner and day of each."""
    lines = [
        f"{title}: {urgency}, {owner}, was due on {due} ({(today - due).days} days ago)"
        for title, urgency, owner, due in findings
    ]
    count = f"{len(lines)} finding{'s' if len(lines) > 1 else ''} past the date"
    return Message("overdue", count.capitalize(), "\n".join(_few(lines)), "warning")


def _few(lines: list[str]) -> list[str]:
    """Return the first of some lines, and how many there are more."""
    more = [f"and {len(lines) - MOST_LINES} more"] if len(lines) > MOST_LINES else []
    return lines[:MOST_LINES] + more
