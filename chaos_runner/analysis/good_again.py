"""Tell in the midst of a run whether clients are as well off again as before the faults."""

from __future__ import annotations

from collections.abc import Iterable

from chaos_runner.analysis.moments import Moments
from chaos_runner.analysis.settled_seconds import SettledSecond
from chaos_runner.analysis.times import recovery_time
from chaos_runner.analysis.windows import normal_of, windows_of
from chaos_runner.measurements.model import Totals
from chaos_runner.measurements.series import MeasuredSecond

UNFINISHED = 2.0
"""Seconds: of what was sent in the last ones, acks and reads may still be on their way."""


def good_again(
    before: Totals, seconds: Iterable[MeasuredSecond | SettledSecond], since: float, now: float
) -> bool:
    """Tell whether ten good seconds in a row have passed since a moment.

    A second is good by what was normal in phase `before`, as in every time that is reported.
    """
    normal = normal_of(before)
    if normal is None:
        return False
    windows = windows_of(seconds, normal, judged_until=now - UNFINISHED)
    found = recovery_time(windows, Moments(on=since, roll_back=None, verified=since, end=now))
    return found.seconds is not None and not found.censored
