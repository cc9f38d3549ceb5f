"""Turn what is normal into what is tolerated: some head-room, then a number people would write."""

from __future__ import annotations

import math

from chaos_runner.baseline.measured import Measured
from chaos_runner.units import format_duration, format_percentage
from chaos_runner.verdict.registry import latencies

LEAST_MILLISECONDS = 10.0
"""The least head-room of a latency: one late wake-up of any machine on the way."""
LEAST_PERCENT = 0.1
"""The least head-room of a share: one record in a thousand."""

_LATENCY_STEPS = (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10)
_SHARE_STEPS = (1, 2, 5, 10)
_LONGEST_MILLISECONDS = 3_600_000.0


def tolerated(name: str, measured: Measured, head_room: float) -> str | None:
    """Return a tolerance as it is written in an experiment, or None where none follows.

    `head_room` is percent. Latencies get so much on top, shares of failures too, each at least
    the least head-room; both are rounded up. Nothing follows for `loss` and for
    `under_replicated_partitions`: neither is tolerable for having been seen.
    """
    if name in latencies():
        milliseconds = measured.latencies[name]
        return None if milliseconds is None else _latency(milliseconds, head_room)
    match name:
        case "duplicates":
            return format_percentage(_share(measured.duplicates, head_room))
        case "availability":
            return format_percentage(round(100 - _share(100 - measured.availability, head_room), 9))
    return None


def rounded_up(value: float, steps: tuple[float, ...]) -> float:
    """Return the smallest of the steps, times a power of ten, that is not below a value.

    `steps` rise from 1 to 10; the value is above zero.
    """
    power = 10.0 ** math.floor(math.log10(value))
    step = next(step for step in (*steps, 10.0 * steps[-1]) if step * power >= value * (1 - 1e-9))
    return round(step * power, 9)


def _latency(milliseconds: float, head_room: float) -> str:
    wanted = milliseconds + max(milliseconds * head_room / 100, LEAST_MILLISECONDS)
    return format_duration(min(rounded_up(wanted, _LATENCY_STEPS), _LONGEST_MILLISECONDS) / 1000)


def _share(percent: float, head_room: float) -> float:
    wanted = max(percent * (1 + head_room / 100), LEAST_PERCENT)
    return min(rounded_up(wanted, _SHARE_STEPS), 100.0)
