"""Expand what an experiment says of times into occurrences, each of which is one planned fault.

Pure, and the same for the same seeds. Times are those at the earliest: whatever is planned after
the end of something else is put on only once that is off (`execution/course.py`), so that faults
are on together only where their planned times overlap.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from chaos_runner.errors import RefusedError
from chaos_runner.experiment.models import Experiment, FaultEntry
from chaos_runner.fleet.preflight import Problem
from chaos_runner.journal.events import Occurrence

MOST_OCCURRENCES = 200
"""As many faults as a journal may tell of."""
MOST_ON_ONE_HOST = 30
"""At the end a host looks once more at each fault that it had, which takes a moment for each."""
MOST_ON_HOSTS = 1000
"""Faults times hosts of a course: a plan, which holds the commands of each, is one line of it."""


@dataclass(frozen=True)
class PlannedOccurrence:
    """One time that a fault is put on: on which hosts, when at the earliest, and how long."""

    targets: tuple[str, ...]
    start: float
    """Seconds from the begin of `during`; 0 is before that, in phase `inject`."""
    duration: float
    place: Occurrence

    @property
    def end(self) -> float:
        """Return when it ends at the earliest, seconds from the begin of `during`."""
        return self.start + self.duration

    def overlaps(self, other: PlannedOccurrence) -> bool:
        """Tell whether both may be on at one moment."""
        return self.start < other.end and other.start < self.end


def course_of(
    experiment: Experiment, targets: Sequence[Sequence[str]]
) -> tuple[PlannedOccurrence, ...]:
    """Return every occurrence in the order in which they begin; `targets` are those of each entry.

    Raises RefusedError where there are too many of them.
    """
    found = [
        occurrence
        for number, (entry, hosts) in enumerate(zip(experiment.faults, targets, strict=True))
        for occurrence in _occurrences(entry, number, hosts)
    ]
    if len(found) > len(targets):
        _refuse_if_too_many(found)
    return tuple(sorted(found, key=lambda occurrence: occurrence.start))


def _refuse_if_too_many(found: Sequence[PlannedOccurrence]) -> None:
    on_host = Counter(host for occurrence in found for host in occurrence.targets)
    counts = {
        "in all": (len(found), MOST_OCCURRENCES),
        "on one host": (max(on_host.values(), default=0), MOST_ON_ONE_HOST),
        "on hosts": (on_host.total(), MOST_ON_HOSTS),
    }
    for where, (count, most) in counts.items():
        if count > most:
            raise RefusedError(
                f"the faults would be put on {count} times {where}; {most} is the most",
                "repeat them less often, choose fewer hosts, or let more of them have it at a "
                "time (`serial`)",
            )


def _occurrences(
    entry: FaultEntry, number: int, hosts: Sequence[str]
) -> Iterator[PlannedOccurrence]:
    random = Random(f"{entry.seed or 0}/{number}")  # noqa: S311
    at_a_time = entry.serial or max(1, len(hosts))
    batches = [tuple(hosts[at : at + at_a_time]) for at in range(0, len(hosts), at_a_time)]
    batches = batches or [()]  # a fault of the cluster that concerns no host
    repetitions = entry.repeat.times if entry.repeat else 1
    start = end = entry.start.drawn_by(random) if entry.start else 0.0
    for repetition in range(1, repetitions + 1):
        if entry.repeat and repetition > 1:
            start = max(start + entry.repeat.every.drawn_by(random), end)
        now = start
        for batch, chosen in enumerate(batches, 1):
            pause = None
            if entry.serial is not None and (batch, repetition) != (1, 1):
                pause = entry.pause.drawn_by(random) if entry.pause else 0.0
                now = max(now, end + pause)
            start = now if batch == 1 else start
            duration = entry.duration.drawn_by(random)
            yield PlannedOccurrence(
                targets=chosen,
                start=round(now, 3),
                duration=duration,
                place=Occurrence(
                    entry=number,
                    batch=batch,
                    batches=len(batches),
                    repetition=repetition,
                    repetitions=repetitions,
                    pause=pause,
                ),
            )
            end = round(now + duration, 3)


def gone_meanwhile(
    experiment: Experiment, course: Sequence[PlannedOccurrence]
) -> Iterator[tuple[str, Problem]]:
    """Yield the hosts that would have another fault while one takes them away: it would end."""
    for index, second in enumerate(course):
        for first in course[:index]:
            kinds = [experiment.faults[each.place.entry].options for each in (first, second)]
            taking = next((each.kind for each in kinds if each.absence), "")
            if not taking or not first.overlaps(second):
                continue
            other = kinds[0].kind if kinds[1].kind == taking else kinds[1].kind
            for host in second.targets:
                if host in first.targets:
                    yield (
                        host,
                        Problem(
                            f"gets {taking} while it has {other}, which a restart ends",
                            "choose other targets for one of the two entries, or a `start` at "
                            "which the other one is over",
                        ),
                    )


def occupied_twice(
    experiment: Experiment, course: Sequence[PlannedOccurrence]
) -> Iterator[tuple[str, Problem]]:
    """Yield the hosts on which two faults want the same thing at once, of which there is one."""
    for index, second in enumerate(course):
        options = experiment.faults[second.place.entry].options
        for first in course[:index] if options.occupied() else ():
            other = experiment.faults[first.place.entry].options
            if other.occupied() != options.occupied() or not first.overlaps(second):
                continue
            kinds = (other.kind, options.kind)
            both = f"{kinds[0]} twice" if kinds[0] == kinds[1] else " and ".join(kinds)
            for host in second.targets:
                if host in first.targets:
                    yield (
                        host,
                        Problem(
                            f"gets {both} at one time, and has one {options.occupied()}",
                            "choose other targets for one of the two entries, or a `start` at "
                            "which the other one is over",
                        ),
                    )
