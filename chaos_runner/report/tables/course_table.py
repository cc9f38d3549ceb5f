"""Arrange a course of faults as a table: what was planned, and when each was on."""

from __future__ import annotations

from dataclasses import dataclass

from chaos_runner.report.story.formatting import NOTHING, duration, names, offset
from chaos_runner.report.story.host_view import FaultStory
from chaos_runner.report.story.model import RunStory
from chaos_runner.wording.course import place_words

COURSE_HEADINGS = ("Fault", "Planned", "On", "Off", "On for")


@dataclass(frozen=True)
class CourseRow:
    """One fault; `cells` match COURSE_HEADINGS but for the first, which `name` and `place` are."""

    hosts: str
    name: str
    place: str
    """Which batch and repetition it was; empty where there is but one."""
    cells: tuple[str, ...]


def course_rows(story: RunStory) -> tuple[CourseRow, ...]:
    """Return a row for each fault in the order of their begins; none where all began together."""
    if not any(fault.start > 0 for fault in story.faults):
        return ()
    return tuple(
        CourseRow(
            hosts=names(fault.targets, 4),
            name=fault.summary or fault.kind,
            place=place_words(fault.occurrence),
            cells=(_planned(fault), *_was_on(fault)),
        )
        for fault in story.faults
    )


def _planned(fault: FaultStory) -> str:
    return f"{offset(fault.start)} to {offset(fault.start + fault.duration)} of during"


def _was_on(fault: FaultStory) -> tuple[str, str, str]:
    if fault.on is None:
        return "never put on", NOTHING, NOTHING
    if fault.off is None:
        return offset(fault.on), "end not seen", NOTHING
    return offset(fault.on), offset(fault.off), duration(fault.off - fault.on)
