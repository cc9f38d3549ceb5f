"""Judge each second of a run by what was normal before the fault."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import inf
from operator import attrgetter

from chaos_runner.analysis.arrivals import arrivals_of
from chaos_runner.analysis.run_seconds import SecondTable
from chaos_runner.analysis.settled_seconds import SettledSecond, slowest_of
from chaos_runner.measurements.exposure import Exposure
from chaos_runner.measurements.model import Totals
from chaos_runner.measurements.series import MeasuredSecond

ACK_SHARE = 0.99
"""Share of a second's records that must be acknowledged for it to be good."""
SLOWNESS = 3.0
"""How many times the p99 of `before` a good second's p99 may be. With a hundred records the p99
of one second is nearly its slowest record, which scatters above the p99 of a whole phase."""
FLOOR = 100.0
"""Milliseconds; a second whose p99 stays below is good however fast the cluster was before."""


@dataclass(frozen=True)
class Normal:
    """What a good second is."""

    end_to_end_p99: float
    """Milliseconds, at most."""
    baseline_p99: float
    """The end-to-end p99 of the whole phase before the fault, milliseconds."""


@dataclass(slots=True)
class Window:
    """One second of scheduled time; `start` on the clock of its buckets.

    Not frozen, as `Second` is not: a day has 350,000 of these, too.
    """

    second: int
    start: float
    bad: str
    """Why the second is not good, or nothing."""
    judged: bool = True
    """False where no record was due in it: it is neither good nor bad."""

    @property
    def good(self) -> bool:
        """Tell whether the second is known to be good."""
        return self.judged and not self.bad


def normal_of(before: Totals) -> Normal | None:
    """Return what is normal by the records of the phase before; None when nothing was read."""
    found = arrivals_of("end_to_end", before, complete=True).percentile(99)
    if found is None or found.beyond:
        return None
    return Normal(max(SLOWNESS * found.milliseconds, FLOOR), found.milliseconds)


def windows_of(
    seconds: Iterable[MeasuredSecond | SettledSecond],
    normal: Normal,
    group: Exposure | None = None,
    judged_until: float = inf,
) -> list[Window]:
    """Return every second of a run in order, judged by the records of one group, or of all.

    The parts of a second in which the phase changed are judged together, and as finished.
    Seconds that end after `judged_until` are not judged: where the journal breaks off, the
    newest records may still have been on their way. Settled ones are known of all groups alone.
    """
    windows = []
    for second in seconds:
        counts = second if isinstance(second, SettledSecond) else second.of(group)
        judged = counts.scheduled > 0 and second.start + 1.0 <= judged_until
        bad = ""
        if judged:
            known = counts.slowest if isinstance(counts, SettledSecond) else slowest_of(counts)
            bad = _why_bad(*_judged_of(counts), known, normal)
        windows.append(Window(second.number, second.start, bad, judged))
    return windows


def windows_of_figures(
    run: SecondTable, own: SecondTable, normal: Normal, judged_until: float = inf
) -> list[Window]:
    """Return every second of a run, judged by what one group, or all records, came to in it.

    As `windows_of` does, of seconds whose histograms are not kept.
    """
    of_group = own.columns
    known = zip(*_judged_of(of_group), of_group.end_to_end.p99, strict=True)
    parts = dict(zip(of_group.second, known, strict=True))
    windows = []
    for number, start in zip(run.columns.second, run.columns.elapsed, strict=True):
        part = parts.get(number)
        if part is None or part[0] <= 0 or start + 1.0 > judged_until:
            windows.append(Window(number, start, "", judged=False))
        else:
            windows.append(Window(number, start, _why_bad(*part, normal)))
    return windows


_judged_of = attrgetter("scheduled", "acked", "lost", "not_yet_consumed")


def _why_bad(
    scheduled: int,
    acked: int,
    lost: int,
    not_yet_consumed: int,
    slowest: float | None,
    normal: Normal,
) -> str:
    """Say what is bad in a second whose end-to-end p99 is `slowest`; nothing where it is good."""
    if lost:
        return f"{lost} records lost"
    if acked < ACK_SHARE * scheduled:
        return f"{acked} of {scheduled} records acknowledged"
    if not_yet_consumed:
        return f"{not_yet_consumed} records not yet consumed"
    return "" if slowest is not None and slowest <= normal.end_to_end_p99 else "slow"
