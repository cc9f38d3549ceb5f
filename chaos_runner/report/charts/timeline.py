"""Lay out what all charts share: the time axis, the phases, the windows of the faults."""

from __future__ import annotations

from dataclasses import dataclass

from chaos_runner.report.charts.geometry import TimeAxis
from chaos_runner.report.story.formatting import duration, many, names, offset
from chaos_runner.report.story.happenings import HappeningKind, happenings_of
from chaos_runner.report.story.host_view import FaultStory
from chaos_runner.report.story.model import PhaseSpan, RunStory

_SIGNS = {"held": "\N{CHECK MARK}", "deviated": "\N{MULTIPLICATION X}", "inconclusive": "?"}
HAPPENING_SIGNS: dict[HappeningKind, str] = {
    "safeguard": "\N{BLACK DOWN-POINTING TRIANGLE}",
    "leaders": "\N{BLACK DIAMOND}",
    "notice": "!",
}
"""What stands on the time axis for each kind of happening."""
_APART = 1.0
"""Per cent of the axis below which two signs of a kind would lie upon each other."""
_CHARACTER = 6.4
_PADDING = 8.0
_WIDE, _NARROW = 980.0, 290.0
"""Pixels: a character of a label, its padding, and a chart on a desktop and on a phone."""


@dataclass(frozen=True)
class Block:
    """A labelled span of the time axis."""

    left: str
    width: str
    wide: str
    narrow: str
    """The labels that have room on a wide page and on a phone, empty where none has."""
    tip: str
    style: str
    """The verdict of a judged phase; `open` for a fault whose end was not seen."""


@dataclass(frozen=True)
class Mark:
    """A labelled moment of the time axis; every other one is `minor`."""

    left: str
    label: str
    minor: bool


@dataclass(frozen=True)
class Sign:
    """A moment at which something happened, and what; `kind` names its colour."""

    left: str
    kind: HappeningKind
    sign: str
    tip: str


@dataclass(frozen=True)
class Timeline:
    """The frame into which the charts are drawn."""

    axis: TimeAxis
    marks: tuple[Mark, ...]
    phases: tuple[Block, ...]
    faults: tuple[Block, ...]
    bands: tuple[Block, ...]
    """The fault windows, those that overlap put together."""
    happenings: tuple[Sign, ...]
    """Safeguards, leader moves and notices; those close together are one sign."""


def timeline_of(story: RunStory) -> Timeline:
    """Return the frame from the start of the run to the last thing written down."""
    axis = TimeAxis(0.0, max(story.stopped, 1.0))
    marks = (
        Mark(axis.percent(tick), offset(tick), minor=index % 2 == 1)
        for index, tick in enumerate(axis.ticks())
    )
    return Timeline(
        axis=axis,
        marks=tuple(marks),
        phases=tuple(_phase(story, axis, span) for span in story.phases),
        faults=tuple(_fault(axis, fault) for fault in story.faults if fault.on is not None),
        bands=tuple(_band(axis, *window) for window in _windows(story, axis)),
        happenings=_signs(story, axis),
    )


def _signs(story: RunStory, axis: TimeAxis) -> tuple[Sign, ...]:
    placed: dict[tuple[HappeningKind, int], list[str]] = {}
    for each in happenings_of(story):
        place = (each.kind, int(100 * axis.fraction(each.elapsed) / _APART))
        placed.setdefault(place, []).append(f"{offset(each.elapsed)} {each.text}")
    return tuple(
        Sign(f"{(place + 0.5) * _APART:.2f}%", kind, HAPPENING_SIGNS[kind], "\n".join(texts[:5]))
        for (kind, place), texts in placed.items()
    )


def _phase(story: RunStory, axis: TimeAxis, span: PhaseSpan) -> Block:
    end = axis.end if span.end is None else span.end
    verdicts = {judged.phase: judged.verdict for judged in story.judgements}
    verdict = verdicts.get(span.phase, "")
    tip = f"{span.phase}: {offset(span.start)} to {offset(end)}, {duration(end - span.start)}"
    ending = f", {verdict}" if verdict else ""
    labels = (f"{span.phase} {_SIGNS[verdict]}", span.phase) if verdict else (span.phase,)
    return _block(axis, span.start, end, labels, tip + ending, verdict)


def _fault(axis: TimeAxis, fault: FaultStory) -> Block:
    on = fault.on or 0.0
    off = axis.end if fault.off is None else fault.off
    did = fault.summary or fault.kind
    hosts, number = names(fault.targets, 3), many(len(fault.targets), "host")
    labels = (f"{hosts}: {did}", f"{number}: {did}", did, hosts, number)
    seen = "end not seen" if fault.off is None else f"off at {offset(off)}"
    tip = f"{labels[0]}, on at {offset(on)}, {seen}"
    return _block(axis, on, off, labels, tip, "open" if fault.off is None else "")


def _windows(story: RunStory, axis: TimeAxis) -> list[tuple[float, float, bool]]:
    """Return start, end, and whether the end was seen, of each stretch with a fault on."""
    merged: list[tuple[float, float, bool]] = []
    windows = sorted(
        (fault.on, axis.end if fault.off is None else fault.off, fault.off is not None)
        for fault in story.faults
        if fault.on is not None
    )
    for start, end, seen in windows:
        if merged and start <= merged[-1][1]:
            first, last, last_seen = merged.pop()
            merged.append((first, max(last, end), last_seen and seen))
        else:
            merged.append((start, end, seen))
    return merged


def _band(axis: TimeAxis, start: float, end: float, seen: bool) -> Block:
    label = "fault on" if seen else "fault on, end not seen"
    return _block(axis, start, end, (), label, "" if seen else "open")


def _block(
    axis: TimeAxis, start: float, end: float, labels: tuple[str, ...], tip: str, style: str
) -> Block:
    """Return a block that says the first of its labels that has room."""
    share = axis.fraction(end) - axis.fraction(start)
    wide, narrow = (_fitting(labels, share * page) for page in (_WIDE, _NARROW))
    return Block(axis.percent(start), axis.width(start, end), wide, narrow, tip, style)


def _fitting(labels: tuple[str, ...], room: float) -> str:
    return next((text for text in labels if _CHARACTER * len(text) + _PADDING <= room), "")
