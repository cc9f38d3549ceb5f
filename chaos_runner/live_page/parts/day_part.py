"""What the page shows of a game day, as plain data. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pydantic import ValidationError

from chaos_runner.gameday.events import (
    Aborted,
    AnyGameDayEvent,
    DayStarted,
    Decided,
    ItemFinished,
    RunBegan,
    RunEnded,
)
from chaos_runner.gameday.model import GameDay
from chaos_runner.gameday.progress import progress_of
from chaos_runner.gameday.timeline import line_of
from chaos_runner.live_page.parts.bounded_text import text_of

MOST_WRITTEN = 60
"""Lines of a game day's timeline that are shown, the newest."""


def day_part(
    key: str, events: Sequence[AnyGameDayEvent], problem: str, *, is_on: bool
) -> dict[str, object]:
    """Return what is shown of a game day; `problem` says why its journal is followed no more."""
    part: dict[str, object] = {
        "kind": "day",
        "day": text_of(key),
        "on": is_on,
        "problem": text_of(problem),
    }
    if not events or not isinstance(events[0], DayStarted):
        return part
    started = events[0]
    return {**part, **_day(started, events)}


def _day(started: DayStarted, events: Sequence[AnyGameDayEvent]) -> dict[str, object]:
    try:
        agenda = GameDay.model_validate(started.day).agenda
    except ValidationError:
        agenda = []
    questions = [number for number, item in enumerate(agenda, start=1) if item.kind == "question"]
    progress = progress_of(events, questions)
    words = _words_of_items(events)
    items = [
        {
            "number": number,
            "title": text_of(title),
            "kind": agenda[number - 1].kind if number <= len(agenda) else "",
            "expected": text_of(agenda[number - 1].expected or "") if number <= len(agenda) else "",
            "noticed_first_by": (
                text_of(agenda[number - 1].noticed_first_by or "") if number <= len(agenda) else ""
            ),
            "state": words.get(number) or ("over" if number in progress.over else ""),
        }
        for number, title in enumerate(started.titles, start=1)
    ]
    return {
        "title": text_of(started.title),
        "rehearsal": started.rehearsal,
        "finished": progress.is_finished,
        "runs": progress.open_run is not None,
        "items": items,
        "written": [
            {
                "at": event.at.timestamp(),
                "by": text_of(event.by),
                "kind": event.event,
                "text": text_of(line_of(event, started.titles)),
            }
            for event in events[-MOST_WRITTEN:]
        ],
    }


def _words_of_items(events: Iterable[AnyGameDayEvent]) -> dict[int, str]:
    """Return the newest that is known of each item, in a word or two."""
    words: dict[int, str] = {}
    on = 0
    for event in events:
        match event:
            case Decided(item=item, decision=decision):
                words[item] = "now" if decision == "go" else decision
            case RunBegan(item=item):
                words[item], on = "running", item
            case Aborted() if words.get(on) == "running":
                words[on] = "aborted"
            case RunEnded(item=item, verdict=verdict):
                ended = str(verdict) if verdict else "broke off"
                words[item] = f"aborted, {ended}" if words.get(item) == "aborted" else ended
            case ItemFinished(item=item):
                words[item] = "over"
    return words
