"""When the faults of a course come, in words: as an experiment says it, and as it was planned."""

from __future__ import annotations

from collections.abc import Iterable

from chaos_runner.experiment.course import Course
from chaos_runner.experiment.time_range import format_time_range
from chaos_runner.journal.events import Occurrence, PlannedFault
from chaos_runner.units import format_duration


def course_words(course: Course) -> str:
    """Say what an entry says of its times: `for 30s, 1 host at a time, 3 times, every 2m`."""
    words = [f"for {format_time_range(course.duration)}"]
    if course.start is not None:
        words.insert(0, f"from {format_time_range(course.start)} on")
    if course.serial is not None:
        words.append(f"{course.serial} host{'s' if course.serial > 1 else ''} at a time")
    if course.pause is not None:
        words.append(f"with a pause of {format_time_range(course.pause)}")
    if course.repeat is not None:
        words.append(f"{course.repeat.times} times, every {format_time_range(course.repeat.every)}")
    return ", ".join(words)


def place_words(occurrence: Occurrence) -> str:
    """Say which part of its course a fault is: `batch 2 of 3, time 1 of 2`; else nothing."""
    words = []
    if occurrence.batches > 1:
        words.append(f"batch {occurrence.batch} of {occurrence.batches}")
    if occurrence.repetitions > 1:
        words.append(f"time {occurrence.repetition} of {occurrence.repetitions}")
    return ", ".join(words)


def when_words(start: float, occurrence: Occurrence) -> str:
    """Say when a fault is put on: `from 40s on, batch 2 of 3, once the steady state is back`."""
    words = [f"from {format_duration(start)} on"] if start else []
    words += [place] if (place := place_words(occurrence)) else []
    words += ["once the steady state is back"] if occurrence.pause is not None else []
    return ", ".join(words)


def is_course(faults: Iterable[PlannedFault]) -> bool:
    """Tell whether some fault comes later than others: else there is no course to show."""
    return any(fault.start > 0 for fault in faults)
