"""Seconds of a probe, as short as tests want to write them."""

from __future__ import annotations

from chaos_runner.analysis.moments import Moments
from chaos_runner.measurements.exposure import Exposure
from chaos_runner.measurements.histogram import bin_of
from chaos_runner.measurements.model import Bucket

START = 1000.0
"""The clock at the run's first second."""


def second(
    number: int,
    *,
    phase: str = "during",
    group: Exposure = Exposure.ALL,
    scheduled: int = 100,
    acked: int | None = None,
    milliseconds: float = 5.0,
    **counts: int,
) -> Bucket:
    """Return a second in which every record took so long, but for those not acked."""
    acked = scheduled if acked is None else acked
    seen = acked - counts.get("not_yet_consumed", 0) - counts.get("lost", 0)
    return Bucket(
        second=number,
        elapsed=START + number,
        phase=phase,
        group=group,
        scheduled=scheduled,
        acked=acked,
        indeterminate=scheduled - acked,
        consumed=seen,
        ack={bin_of(milliseconds): acked} if acked else {},
        end_to_end={bin_of(milliseconds): seen} if seen else {},
        ack_censored={bin_of(4000.0): scheduled - acked} if acked < scheduled else {},
    ).model_copy(update=counts)


def run_of(states: str, group: Exposure = Exposure.ALL) -> list[Bucket]:
    """Return a second a character: `.` good, `x` bad, `_` nothing due, a space nothing told."""
    return [
        second(
            number,
            group=group,
            scheduled=0 if state == "_" else 100,
            acked=0 if state in "x_" else 100,
        )
        for number, state in enumerate(states)
        if state != " "
    ]


def moments(
    on: float, roll_back: float | None, verified: float | None, end: float = 100.0
) -> Moments:
    """Return moments in seconds since the run's first second."""
    return Moments(
        on=START + on,
        roll_back=None if roll_back is None else START + roll_back,
        verified=None if verified is None else START + verified,
        end=START + end,
    )
