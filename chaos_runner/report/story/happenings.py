"""What a timeline shows of a run beside its phases: faults, and what happened at one moment."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from chaos_runner.report.story.formatting import many, names, sentence
from chaos_runner.report.story.highlights import safeguard_words
from chaos_runner.report.story.model import RunStory

HappeningKind = Literal["safeguard", "leaders", "notice"]


@dataclass(frozen=True)
class Happening:
    """One thing that happened at one time, in seconds since the run started."""

    kind: HappeningKind
    elapsed: float
    text: str


@dataclass(frozen=True)
class FaultWindow:
    """The time for which one fault was on; `end` is None where that was not seen."""

    fault: str
    kind: str
    start: float
    end: float | None
    text: str


def happenings_of(story: RunStory) -> tuple[Happening, ...]:
    """Return safeguards, moves of leaders and notices, in order of time."""
    found = [*_safeguards(story), *_leaders(story), *_notices(story)]
    return tuple(sorted(found, key=lambda each: each.elapsed))


def fault_windows(story: RunStory) -> tuple[FaultWindow, ...]:
    """Return when each fault was on, the faults that never were left out."""
    return tuple(
        FaultWindow(
            fault.fault,
            fault.kind,
            fault.on,
            fault.off,
            f"{fault.summary or fault.kind} on {names(fault.targets)}",
        )
        for fault in story.faults
        if fault.on is not None
    )


def _safeguards(story: RunStory) -> Iterator[Happening]:
    for safeguard in story.safeguards:
        yield Happening("safeguard", safeguard.tripped, sentence(safeguard_words(safeguard)))


def _leaders(story: RunStory) -> Iterator[Happening]:
    for health in story.health:
        if health.leader_moves:
            text = f"{many(health.leader_moves, 'partition')} got another leader."
            yield Happening("leaders", health.elapsed, text)


def _notices(story: RunStory) -> Iterator[Happening]:
    for entry in story.chronicle:
        if entry.event == "notice" and entry.level != "info" and not story.is_over(entry.elapsed):
            where = f"{entry.host}: " if entry.host else ""
            yield Happening("notice", entry.elapsed, sentence(f"{where}{entry.line}"))
