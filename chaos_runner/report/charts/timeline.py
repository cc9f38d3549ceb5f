"""Lay out what all charts share: the time axis, the phases, the windows of the faults."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from chaos_runner.report.charts.geometry import TimeAxis
from chaos_runner.report.story.formatting import duration, many, names, offset
from chaos_runner.report.story.happenings import HappeningKind, happenings_of
from chaos_runner.report.story.host_view import FaultStory
from chaos_runner.report.story.model import PhaseSpan, RunStory
from chaos_runner.report.story.outage import stretches_of

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
    lane: int = 1
    """The line in which a fault is drawn, counted from 1: faults one after the other share one."""


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
    checks: tuple[tuple[Block, ...], ...]
    """For each check that ever failed, and each alert that ever fired, when that was."""
    bands: tuple[Block, ...]
    """The fault windows, those that overlap put together."""
    happenings: tuple[Sign, ...]
    """Safeguards, leader moves and notices; those close together are one sign."""

    @property
    def lanes(self) -> int:
        """Return how many lines the faults take."""
        return max((fault.lane for fault in self.faults), default=0)


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
        faults=tuple(_faults(story, axis)),
        checks=_checks(story, axis),
        bands=tuple(_band(axis, on, off) for on, off in stretches_of(story.faults)),
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


def _faults(story: RunStory, axis: TimeAxis) -> Iterator[Block]:
    """Yield each fault in the first line that is free when it begins."""
    free_from: list[float] = []
    for fault in story.faults:
        if fault.on is None:
            continue
        on, off = fault.on, axis.end if fault.off is None else fault.off
        lane = next((at for at, free in enumerate(free_from) if free <= on), len(free_from))
        free_from[lane : lane + 1] = [off]
        yield replace(_fault(axis, fault), lane=lane + 1)


def _fault(axis: TimeAxis, fault: FaultStory) -> Block:
    on = fault.on or 0.0
    off = axis.end if fault.off is None else fault.off
    did = fault.summary or fault.kind
    hosts, number = names(fault.targets, 3), many(len(fault.targets), "host")
    labels = (f"{hosts}: {did}", f"{number}: {did}", did, hosts, number)
    seen = "end not seen" if fault.off is None else f"off at {offset(off)}"
    tip = f"{labels[0]}, on at {offset(on)}, {seen}"
    return _block(axis, on, off, labels, tip, "open" if fault.off is None else "")


def _checks(story: RunStory, axis: TimeAxis) -> tuple[tuple[Block, ...], ...]:
    lanes: dict[str, list[Block]] = {}
    for span in story.check_spans:
        end = axis.end if span.end is None else span.end
        did = "fires" if span.fires else "fails"
        tip = f"{span.check} {did} from {offset(span.start)} to {offset(end)}"
        labels = (f"{span.check} {did}", span.check, did)
        block = _block(axis, span.start, end, labels, tip, "fires" if span.fires else "fails")
        lanes.setdefault(span.check, []).append(block)
    return tuple(tuple(blocks) for blocks in lanes.values())


def _band(axis: TimeAxis, on: float, off: float | None) -> Block:
    if off is None:
        return _block(axis, on, axis.end, (), "fault on, end not seen", "open")
    return _block(axis, on, off, (), "fault on", "")


def _block(
    axis: TimeAxis, start: float, end: float, labels: tuple[str, ...], tip: str, style: str
) -> Block:
    """Return a block that says the first of its labels that has room."""
    share = axis.fraction(end) - axis.fraction(start)
    wide, narrow = (_fitting(labels, share * page) for page in (_WIDE, _NARROW))
    return Block(axis.percent(start), axis.width(start, end), wide, narrow, tip, style)


def _fitting(labels: tuple[str, ...], room: float) -> str:
    return next((text for text in labels if _CHARACTER * len(text) + _PADDING <= room), "")
