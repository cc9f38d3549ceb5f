"""Each event of a game day in words: the lines of its timeline. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from chaos_runner.gameday.events import (
    Aborted,
    AnyGameDayEvent,
    DayFinished,
    DayResumed,
    DayStarted,
    DayStopped,
    Decided,
    ItemFinished,
    Noted,
    Noticed,
    RunBegan,
    RunEnded,
    RunRefused,
)


def line_of(event: AnyGameDayEvent, titles: Sequence[str]) -> str:
    """Return an event as one line; `titles` are those of the items."""
    match event:
        case DayStarted(rehearsal=rehearsal):
            return "the rehearsal begins" if rehearsal else "the game day begins"
        case DayResumed():
            return "the agenda goes on"
        case Decided(item=item, decision=decision):
            return f"{decision}: {_title(item, titles)}"
        case ItemFinished(item=item):
            return f"over: {_title(item, titles)}"
        case RunBegan(item=item, run=run):
            return f"run {run} begins: {_title(item, titles)}"
        case RunEnded(run=run, verdict=None):
            return f"run {run} broke off"
        case RunEnded(run=run, verdict=verdict, reasons=reasons, hosts=hosts):
            states = ", ".join(f"{host} {state}" for host, state in hosts.items())
            facts = "; ".join([str(verdict), *reasons, states or "no host touched"])
            return f"run {run} ended: {facts}"
        case RunRefused(item=item, message=message):
            return f"not begun: {_title(item, titles)}: {message}"
        case Noted(kind=kind, text=text):
            return f"{kind}: {text}"
        case Noticed(who=who, text=text):
            return f"noticed by {who}{f': {text}' if text else ''}"
        case Aborted(who=who, reason=reason):
            said = f" by {who}" if who else ""
            return f"aborted{said}{f': {reason}' if reason else ''}"
        case DayStopped(reason=reason):
            return f"stopped: {reason}"
        case DayFinished():
            return "the agenda is over"


def _title(item: int, titles: Sequence[str]) -> str:
    return titles[item - 1] if 0 < item <= len(titles) else f"item {item}"
