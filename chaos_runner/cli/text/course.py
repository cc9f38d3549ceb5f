"""A course of faults as a timeline of plain characters: what is on when, at the earliest."""

from __future__ import annotations

from collections.abc import Sequence

from chaos_runner.journal.events import PlannedFault
from chaos_runner.units import format_duration
from chaos_runner.wording.course import is_course, when_words

WIDTH = 32
"""Characters for the whole of a course."""
_ON, _OFF = "=", "."


def course_lines(faults: Sequence[PlannedFault]) -> list[str]:
    """Return a line for each fault, in the order in which they begin; none where all are at once.

    Times count from the begin of `during`.
    """
    if not is_course(faults):
        return []
    length = max(fault.end for fault in faults)
    last = f"the last fault ends after {format_duration(length)} of `during` at the earliest"
    moments = [
        f"{format_duration(fault.start)} to {format_duration(fault.end)}" for fault in faults
    ]
    widest = max(map(len, moments))
    return [
        f"  course     {last}",
        *(
            f"    {_bar(fault, length)}  {moment:<{widest}}  {_what(fault)}"
            for fault, moment in zip(faults, moments, strict=True)
        ),
    ]


def _bar(fault: PlannedFault, length: float) -> str:
    first = min(int(WIDTH * fault.start / length), WIDTH - 1)
    last = max(first + 1, round(WIDTH * fault.end / length))
    return _OFF * first + _ON * (last - first) + _OFF * (WIDTH - last)


def _what(fault: PlannedFault) -> str:
    when = when_words(0.0, fault.occurrence)
    return f"{', '.join(fault.targets)}: {fault.kind}{f', {when}' if when else ''}"
