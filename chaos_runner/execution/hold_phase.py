"""Let time pass while faults are held, with an eye on safeguards, signals and the probe."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Literal

from chaos_runner.execution.context import RunContext
from chaos_runner.execution.fault_context import end_fault
from chaos_runner.execution.leases.heartbeat import Heartbeat
from chaos_runner.execution.safeguards import SafeguardWatch

TICK = 0.25
"""Seconds between two looks at signals, safeguards and the probe while a phase lasts: a safeguard
that trips has the roll-back begin within a second."""


def hold(context: RunContext, heartbeat: Heartbeat, safeguards: SafeguardWatch) -> None:
    """Hold each fault for its duration, or until a safeguard trips, one vanishes or a signal comes.

    Not at all where one did so while faults were still being injected. Where somebody else has
    taken one fault away the run can say nothing any more, so the others end with it. A fault that
    is shorter than another ends on time, in a thread of its own, since a host that does not
    answer must not keep the safeguards from being looked at; the last ones end with the roll-back.
    """

    def ended() -> bool:
        return safeguards.tripped() or bool(heartbeat.vanished)

    if ended():
        return
    context.enter("during")
    started = time.monotonic()
    by_duration = sorted(context.plan.faults, key=lambda fault: fault.duration)
    longest = by_duration[-1].duration
    for fault in by_duration:
        left = started + fault.duration - time.monotonic()
        if watch(context, left, ended) == "ended":
            return
        if fault.duration < longest:
            context.end_aside(partial(end_fault, context, heartbeat, fault))


def watch(
    context: RunContext, seconds: float, ends: Callable[[], bool] = lambda: False
) -> Literal["over", "ended"]:
    """Let time pass, until `ends` at most; raise when a signal comes or the probe dies."""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        context.interruption.wait(min(TICK, left))
        context.interruption.raise_if_arrived()
        context.probe.raise_if_dead()
        context.raise_if_ending_failed()
        if ends():
            return "ended"
    return "over"
