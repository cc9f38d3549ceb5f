"""The events of an iCalendar file (RFC 5545): times during which nothing comes.

Only what says plainly when something is: a begin and an end, or whole days. What repeats by a
rule, or ends after a duration, is refused by name, so that no closed time is overlooked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from pathlib import Path

from chaos_runner.experiment.clock import zone_of
from chaos_runner.units import found, printable
from chaos_runner.yaml_input.problem import Problem
from chaos_runner.yaml_input.text_file import read_text

MOST_EVENTS = 10_000
_LINE = re.compile(r"([A-Za-z0-9-]{1,60})((?:;[^:\"]*(?:\"[^\"]*\"[^:\"]*)*)?):(.*)", re.DOTALL)
_REFUSED = {"RRULE", "RDATE", "DURATION", "EXRULE"}


@dataclass(frozen=True)
class ClosedTime:
    """A time during which nothing comes, and why."""

    begin: datetime
    end: datetime
    """The first moment after it."""
    reason: str


def read_calendar(file: Path, zone: tzinfo) -> tuple[list[ClosedTime], list[Problem]]:
    """Return the events of a file, in their order, and what cannot be read of it.

    Times without a zone are of `zone`, as whole days are.
    """
    text = read_text(file)
    if isinstance(text, Problem):
        return [], [text]
    closed: list[ClosedTime] = []
    problems: list[Problem] = []
    event: dict[str, tuple[int, str, str]] | None = None
    begin_line = 1
    if not text.lstrip().upper().startswith("BEGIN:VCALENDAR"):
        return [], [Problem(1, "", "is no iCalendar file: it begins with `BEGIN:VCALENDAR`")]
    for number, line in _unfolded(text):
        match = _LINE.fullmatch(line)
        if match is None:
            continue
        name, parameters, value = match[1].upper(), match[2], match[3]
        if (name, value.upper()) == ("BEGIN", "VEVENT"):
            event, begin_line = {}, number
        elif (name, value.upper()) == ("END", "VEVENT") and event is not None:
            if len(closed) >= MOST_EVENTS:
                return [], [Problem(number, "", f"holds more than {MOST_EVENTS:,} events")]
            try:
                closed.append(_closed(event, zone))
            except ValueError as error:
                problems.append(Problem(begin_line, "", f"an event {error}"))
            event = None
        elif event is not None:
            event.setdefault(name, (number, parameters, value))
    if event is not None:
        problems.append(Problem(begin_line, "", "an event has no end: `END:VEVENT`"))
    return sorted(closed, key=lambda each: (each.begin, each.end)), problems


def _unfolded(text: str) -> Iterator[tuple[int, str]]:
    """Yield each line with its number; one that begins with a space goes on with the last."""
    whole, first = "", 1
    for number, line in enumerate(re.split(r"\r\n|\n", text), start=1):
        if line[:1] in (" ", "\t"):
            whole += line[1:]
            continue
        yield first, whole
        whole, first = line, number
    yield first, whole


def _closed(event: dict[str, tuple[int, str, str]], zone: tzinfo) -> ClosedTime:
    refused = sorted(_REFUSED & event.keys())
    if refused:
        raise ValueError(f"has `{refused[0]}`, which is not read; write each time out")
    if "DTSTART" not in event:
        raise ValueError("does not say when it begins: `DTSTART`")
    begin, is_day = _moment(*event["DTSTART"][1:], zone)
    if "DTEND" in event:
        end, _ = _moment(*event["DTEND"][1:], zone)
    elif is_day:
        end = datetime.combine(begin.astimezone(zone).date() + timedelta(days=1), time(), zone)
    else:
        raise ValueError("does not say when it ends: `DTEND`")
    if end.astimezone(UTC) <= begin.astimezone(UTC):
        raise ValueError("ends before it begins")
    summary = event.get("SUMMARY", (0, "", ""))[2]
    summary = re.sub(r"\\([,;\\])", r"\1", summary.replace("\\n", " "))
    return ClosedTime(begin.astimezone(UTC), end.astimezone(UTC), printable(summary, 200))


def _moment(parameters: str, value: str, zone: tzinfo) -> tuple[datetime, bool]:
    """Return a moment, and whether it is a whole day's begin."""
    try:
        if re.fullmatch(r"\d{8}", value, re.ASCII):
            return datetime.combine(date.fromisoformat(value), time(), zone), True
        if re.fullmatch(r"\d{8}T\d{6}Z?", value, re.ASCII):
            moment = datetime.strptime(value.rstrip("Z"), "%Y%m%dT%H%M%S")
            named = re.search(r";TZID=\"?([^;:\"]+)", parameters, re.IGNORECASE)
            where = UTC if value.endswith("Z") else zone_of(named[1]) if named else zone
            return moment.replace(tzinfo=where), False
    except ValueError as error:
        raise ValueError(f"has a time that is none: {printable(str(error), 200)}") from None
    raise ValueError(f"has a time that is none: {found(value)}")
