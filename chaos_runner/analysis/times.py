"""Count the times of an outage as the probe's clients saw it, from seconds judged good or bad.

All times are whole windows of one second, so each is right to about a second. A time whose
end was not seen is censored: it is at least so long, and never zero.
"""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict

from chaos_runner.analysis.moments import Moments, Time, no_time, since
from chaos_runner.analysis.windows import Window
from chaos_runner.measurements.reason import Reason, ReasonCode

IN_A_ROW = 10
"""Good seconds in a row that make a recovery: one good second between bad ones is none."""
_Ending = tuple[ReasonCode, ReasonCode]
"""What to say where no second was good at the end, and where too few were."""
_AT_END_OF_RUN: _Ending = ("not_good_at_end_of_run", "few_good_at_end_of_run")
_AT_END_OF_FAULT: _Ending = ("not_good_at_end_of_fault", "few_good_at_end_of_fault")


class ClientTimes(BaseModel):
    """The times of one group of partitions, or of all of them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    detect: Time
    """From the first fault being on to the first bad second."""
    failover: Time
    """From the first fault being on to the first of ten good seconds in a row while any is, without
    a break."""
    recover: Time
    """From the proof that every host is as before to the first of ten good seconds in a row."""
    outage: Time
    """The longest time without an ack of any one partition while records were due."""
    bad_seconds: int
    """Bad seconds from the first fault being on to the end of the run."""
    watched_seconds: int
    """Seconds from the first fault being on that could be judged."""


def client_times(windows: Sequence[Window], outage: Time, moments: Moments) -> ClientTimes:
    """Return the times of a group; `windows` in order of time, `outage` its longest."""
    after_on = _since(windows, moments.on)
    return ClientTimes(
        detect=_detect(after_on, moments),
        failover=_failover(after_on, moments),
        recover=recovery_time(windows, moments),
        outage=outage,
        bad_seconds=sum(bool(window.bad) for window in after_on),
        watched_seconds=sum(window.judged for window in after_on),
    )


def recovery_time(windows: Sequence[Window], moments: Moments) -> Time:
    """Return how long after the verified roll-back the first of ten good seconds came."""
    if moments.verified is None:
        return no_time("no_verified_roll_back")
    return _until_good(_since(windows, moments.verified), moments.verified, _AT_END_OF_RUN)


def _detect(windows: Sequence[Window], moments: Moments) -> Time:
    during = _until(windows, moments.roll_back)
    bad = next((window for window in during if window.bad), None)
    if bad is None:
        return no_time("nothing_bad")
    return Time(seconds=since(moments.on, bad.start))


def _failover(windows: Sequence[Window], moments: Moments) -> Time:
    during = _until(windows, moments.first_stretch_end)
    bad = next((index for index, window in enumerate(during) if window.bad), None)
    if bad is None:
        return no_time("nothing_bad")
    return _until_good(during[bad:], moments.on, _AT_END_OF_FAULT)


def _until_good(windows: Sequence[Window], start: float, ending: _Ending) -> Time:
    """Return when the first of enough good windows in a row began, or that it was not seen."""
    row: list[Window] = []
    before: Window | None = None
    for window in windows:
        blind = before is not None and window.second > before.second + 1
        if blind or window.bad:
            row = []
        if window.good:
            row.append(window)
        if len(row) == IN_A_ROW:
            return Time(seconds=since(start, row[0].start))
        before = window
    if not row:
        end = windows[-1].start + 1.0 if windows else start
        reason = Reason(code=ending[0], of=IN_A_ROW)
        return Time(seconds=since(start, end), censored=True, reason=reason)
    reason = Reason(code=ending[1], count=len(row), of=IN_A_ROW)
    return Time(seconds=since(start, row[0].start), censored=True, reason=reason)


def _since(windows: Sequence[Window], moment: float) -> list[Window]:
    """Return the windows that lie after a moment, or around it."""
    return [window for window in windows if window.start + 1.0 > moment]


def _until(windows: Sequence[Window], end: float | None) -> list[Window]:
    return [window for window in windows if end is None or window.start + 1.0 <= end]
