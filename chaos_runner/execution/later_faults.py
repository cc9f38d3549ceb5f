"""Put a fault on whose time has come while others may be held, and not before its turn.

What is planned one after the other is never on together: a fault waits until those that were to
be over by then are off. A batch waits as well until the steady state is back. Then the cluster is
looked at again, since it may still be behind.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from math import inf

from chaos_runner.analysis.good_again import good_again
from chaos_runner.blast_radius.permission import forbidden_by
from chaos_runner.execution.context import RunContext
from chaos_runner.execution.injection import put_on
from chaos_runner.execution.leases.heartbeat import Heartbeat
from chaos_runner.execution.look_around import moved_role
from chaos_runner.journal.events import PlannedFault
from chaos_runner.planning.blast_radius_check import look_at_cluster, radius_of, targets_of
from chaos_runner.verdict.run_reason import RunReason

LOOK_EVERY = 0.5
"""Seconds between two looks at whether a fault's turn has come."""
LOOK_AROUND_EVERY = 2.0
"""Seconds between two looks at the cluster, each of which asks it for all its topics."""


def put_on_in_turn(context: RunContext, heartbeat: Heartbeat, fault: PlannedFault) -> None:
    """Put a fault on once its turn has come; where it does not come, the course is stopped.

    Raises InjectionError where it does not take hold on a host. Where the run ends meanwhile,
    nothing is done.
    """
    if not (_others_are_off(context, fault) and _steady_state_is_back(context, fault)):
        return
    with context.course.injecting:
        if _harms_nobody(context, fault):
            _put_on_later(context, heartbeat, fault)


def _others_are_off(context: RunContext, fault: PlannedFault) -> bool:
    """Wait until the faults before are off. Taking those back has a limit of its own."""
    course = context.course
    before = course.before(fault)
    return _comes_true(context, lambda: course.off_since(before) is not None, inf)


def _steady_state_is_back(context: RunContext, fault: PlannedFault) -> bool:
    place, limit = fault.occurrence, context.plan.experiment.phases.recovery
    if place.pause is None:
        return True
    batches = [
        other for other in context.course.before(fault) if other.occurrence.entry == place.entry
    ]
    off = context.course.off_since(batches)
    if off is None:
        return False
    hosts = ", ".join(batches[-1].targets)
    context.wait_for(f"the steady state to come back after the fault on {hosts}")
    observations, over = context.observations, off + place.pause

    def is_back() -> bool:
        now = time.monotonic()
        records_are_good = now >= over and good_again(
            observations.totals("before"), observations.seconds_after(off), off, now
        )
        return records_are_good and context.checks.none_fails_since(off)

    if _comes_true(context, is_back, off + max(limit, place.pause)):
        return True
    reason = RunReason(
        code="steady_state_not_back",
        host=hosts,
        seconds=max(limit, place.pause),
        count=len(context.course.never_on()),
    )
    context.stop_course(reason, deviates=True)
    return False


def _harms_nobody(context: RunContext, fault: PlannedFault) -> bool:
    """Look at the cluster until it can bear the fault beside those that are on."""
    plan = context.plan
    deadline = time.monotonic() + plan.experiment.phases.recovery
    context.wait_for("another look at whom the next fault would hurt")
    while not context.course.closing.is_set():
        against = _against(context, fault)
        if not against:
            return not context.course.closing.is_set()
        if time.monotonic() > deadline:
            reason = RunReason(
                code="not_put_on",
                host=", ".join(fault.targets),
                detail=against,
                count=len(context.course.never_on()),
            )
            context.stop_course(reason, deviates=False)
            return False
        context.course.closing.wait(LOOK_AROUND_EVERY)
    return False


def _against(context: RunContext, fault: PlannedFault) -> str:
    """Say what stands against the fault at the moment: whom it would hurt, or that it would miss.

    Nothing where nothing does, or where nothing of it matters.
    """
    plan = context.plan
    by_role = plan.experiment.faults[fault.occurrence.entry].targets.role
    if plan.harm_stays_unknown and not by_role:
        return ""
    cluster = look_at_cluster(plan.experiment, plan.experiment_file, plan.inventory)
    if by_role and (moved := moved_role(plan, cluster, [fault])):
        return moved
    if plan.harm_stays_unknown:
        return ""
    together = [
        replace(each, start=0.0, end=inf)
        for each in targets_of(plan.experiment, [*context.course.not_off(), fault])
    ]
    radius = radius_of(together, plan.inventory, cluster, plan.facts)
    forbidden = forbidden_by(radius, plan.experiment.allow)
    return forbidden[0].text if forbidden else ""


def _comes_true(context: RunContext, condition: Callable[[], bool], deadline: float) -> bool:
    """Wait until a condition is true, at most until `deadline` or the end of the run."""
    closing = context.course.closing
    while not closing.is_set():
        if condition():
            return True
        if time.monotonic() > deadline:
            return False
        closing.wait(LOOK_EVERY)
    return False


def _put_on_later(context: RunContext, heartbeat: Heartbeat, fault: PlannedFault) -> None:
    """Put one more fault on while others are held, unless the run is over meanwhile.

    Raises InjectionError where it does not take hold on a host.
    """
    closing = context.course.closing
    put_on(context, heartbeat, fault, closing.is_set)
    if not closing.is_set():
        context.course.put_on(fault, time.monotonic())
