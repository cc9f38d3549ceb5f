"""Let time pass while faults are held, with an eye on safeguards, signals and the probe."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Literal

from chaos_runner.execution.context import RunContext
from chaos_runner.execution.fault_ending import end_fault
from chaos_runner.execution.later_faults import put_on_in_turn
from chaos_runner.execution.leases.heartbeat import Heartbeat
from chaos_runner.execution.safeguards import SafeguardWatch

TICK = 0.25
"""Seconds between two looks at signals, safeguards and the probe while a phase lasts: a safeguard
that trips has the roll-back begin within a second."""


def hold(context: RunContext, heartbeat: Heartbeat, safeguards: SafeguardWatch) -> None:
    """Put later faults on, and hold each fault for its duration.

    All end when a safeguard trips, one vanishes, the course is stopped or a signal comes, and at
    once where that was so while the first were still being injected. Where somebody else has
    taken one fault away the run can say nothing any more, so the others end with it. What takes
    time on a host (a fault put on or taken back) is done in a thread of its own, since a host that
    does not answer must not keep the safeguards from being looked at. The last faults end with
    the roll-back.
    """
    course = context.course

    def ended() -> bool:
        return safeguards.tripped() or bool(heartbeat.vanished) or course.stopped

    if ended():
        return
    context.enter("during")
    course.begin(context.plan.faults, time.monotonic())
    while True:
        over = course.take_over(time.monotonic())
        if not course.unfinished():
            return
        for fault in over:
            context.threads.begin_ending(partial(end_fault, context, heartbeat, fault))
        for fault in course.take_due(time.monotonic()):
            context.threads.begin_injection(partial(put_on_in_turn, context, heartbeat, fault))
        # What is being put on has an end that is not known yet: look again after a tick.
        left = min(course.next_moment(), time.monotonic() + TICK) - time.monotonic()
        if watch(context, left, ended) == "ended":
            return


def watch(
    context: RunContext, seconds: float, ends: Callable[[], bool] = lambda: False
) -> Literal["over", "ended"]:
    """Let time pass, until `ends` at most; raise when a signal comes or the probe dies."""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        context.interruption.wait(min(TICK, left))
        context.interruption.raise_if_arrived()
        context.probe.raise_if_dead()
        context.doubt_lost_zones()
        context.threads.check()
        if ends():
            return "ended"
    return "over"
