"""Tell what happened, line by line, in the order in which it was written down.

Buckets, health polls and lease renewals are left out: they come every second and are shown
as curves and counts. So is what was waited for: the phases say how long they took.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from chaos_runner.journal.events import (
    CheckAnswered,
    Event,
    FaultApplied,
    FaultEffect,
    FaultFailed,
    FaultIntended,
    FaultReverted,
    HostChanged,
    HostChecked,
    HostVerified,
    Interrupted,
    LoadEnded,
    LoadStarted,
    Notice,
    PhaseJudged,
    PhaseStarted,
    ProbeFinished,
    ProbeStarted,
    RecoveryStarted,
    RunFinished,
    SafeguardTripped,
)
from chaos_runner.report.story.formatting import called_by, count, duration
from chaos_runner.report.story.model import Entry, Level
from chaos_runner.wording.checks import answer_words
from chaos_runner.wording.endings import CHANNEL_WORDS, ENDED_BY
from chaos_runner.wording.host_changes import host_change_words
from chaos_runner.wording.load import load_end_words, load_words
from chaos_runner.wording.notices import notice_words
from chaos_runner.wording.readings import readings_words
from chaos_runner.wording.safeguards import condition_words, seen_words

Line = tuple[Level, str]
_VERDICT_LEVELS: dict[str, Level] = {"held": "info", "deviated": "error", "inconclusive": "warning"}
_STATE_LEVELS: dict[str, Level] = {"clean": "info", "dirty": "error", "unknown": "error"}


def chronicle_of(events: Iterable[Event]) -> tuple[Entry, ...]:
    """Return an entry for each event that a person would want to read about, in time order."""
    entries = filter(None, map(entry_of, without_repeated_answers(events)))
    return tuple(sorted(entries, key=lambda entry: entry.elapsed))


def entry_of(event: Event) -> Entry | None:
    """Return an event as a line of what happened; None where nobody would want to read it."""
    line = _run_line(event) or _host_line(event)
    return _entry(event, *line) if line else None


def without_repeated_answers(events: Iterable[Event]) -> Iterator[Event]:
    """Yield the events without the answers of checks that say the same as those before."""
    standings: dict[str, tuple[str, bool]] = {}
    for event in events:
        if isinstance(event, CheckAnswered):
            standing = (event.answer.verdict, event.answer.count > 0)
            if standings.get(event.check) == standing:
                continue
            standings[event.check] = standing
        yield event


def _entry(event: Event, level: Level, text: str) -> Entry:
    host = getattr(event, "host", None) or ""
    notice = event if isinstance(event, Notice) else None
    return Entry(
        event=event.event,
        elapsed=event.elapsed,
        level=level,
        host=host,
        text=text,
        kind=" ".join(notice.alike) if notice else text,
        reason=notice.reason if notice else None,
        held_back=notice.held_back if notice else 0,
    )


def _run_line(event: Event) -> Line | None:
    match event:
        case PhaseStarted(phase=phase):
            return "info", f"phase {phase} begins"
        case ProbeStarted(topic=topic, rate=rate, size=size):
            return "info", f"probe sends {rate:g} records/s of {count(size)} bytes to {topic}"
        case LoadStarted():
            return "info", load_words(event)
        case LoadEnded(by_run=by_run):
            return "info" if by_run else "warning", load_end_words(event)
        case PhaseJudged(phase=phase, verdict=verdict):
            return _VERDICT_LEVELS[verdict], f"steady state {phase}: {verdict}"
        case ProbeFinished(complete=True):
            return "info", "every record is accounted for"
        case ProbeFinished(reason=reason):
            return "warning", f"not every record could be accounted for: {reason}"
        case CheckAnswered(check=check, answer=answer):
            return _VERDICT_LEVELS[answer.verdict], f"check {check}: {answer_words(answer)}"
        case SafeguardTripped(safeguard=safeguard, observed=observed):
            return (
                "error",
                f"safeguard {condition_words(safeguard)} tripped: {seen_words(observed)}",
            )
        case Interrupted(signal=signal):
            return "warning", f"interrupted by {signal}"
        case RecoveryStarted(command=command, by=by, reason=reason):
            return "info", f"{command}: {called_by(by, reason)}"
        case Notice(level=level, source=source):
            return level, f"{source}: {notice_words(event)}"
        case RunFinished(verdict=verdict, exit_code=exit_code):
            return _VERDICT_LEVELS[verdict], f"verdict: {verdict} (exit code {exit_code})"
    return None


def _host_line(event: Event) -> Line | None:
    match event:
        case HostChecked(problems=problems) if problems:
            return "warning", f"preflight: {'; '.join(problems)}"
        case FaultIntended(fault=fault):
            return "info", f"about to apply {fault}"
        case FaultApplied(fault=fault, lease=lease):
            return "info", f"{fault} is on, with a lease of {duration(lease)}"
        case FaultEffect(seen=True, readings=readings):
            return "info", f"effect seen: {readings_words(readings)}"
        case FaultEffect(readings=readings):
            return "error", f"no effect seen: {readings_words(readings)}"
        case FaultFailed(fault=fault, message=message):
            return "error", f"{fault} could not be applied: {message}"
        case FaultReverted(fault=fault, channel=channel, clean=clean, held=held):
            ending = "" if held is None else f", after {duration(held)}"
            ending += "" if clean else ", and left differences"
            by = ENDED_BY.get(event.by, CHANNEL_WORDS[channel or ""])
            return "info" if clean else "error", f"{fault} is off, by {by}{ending}"
        case HostChanged():
            return "warning", f"host: {host_change_words(event)}"
        case HostVerified(state=state, message=message):
            return _STATE_LEVELS[state], f"verified: {state}" + (f", {message}" if message else "")
    return None
