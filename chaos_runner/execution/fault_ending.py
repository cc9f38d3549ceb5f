"""Take one fault back while others go on."""

from __future__ import annotations

import time

from chaos_runner.execution.context import RunContext
from chaos_runner.execution.leases.heartbeat import Heartbeat
from chaos_runner.execution.put_back import CLUSTER_PATIENCE, release, roll_back_faults
from chaos_runner.faults.registry import absence_of
from chaos_runner.fleet.which_faults import WhichFaults
from chaos_runner.journal.events import PlannedFault
from chaos_runner.measurements.cluster_fault import CLUSTER
from chaos_runner.rollback.rollback import AT_WORK_PATIENCE, RETRY_PAUSE
from chaos_runner.verdict.run_reason import RunReason


def end_fault(context: RunContext, heartbeat: Heartbeat, fault: PlannedFault) -> None:
    """Take one fault back while others go on; what does not answer is left to the roll-back.

    Where another fault waits for that, the hosts are asked again, and the course is stopped where
    one of them does not get free of the fault.
    """
    release(context, heartbeat, fault)
    if fault.change:
        _end_on_cluster(context, fault)
        return
    which, course = WhichFaults.one(fault.fault), context.course
    deadline = time.monotonic() + max(AT_WORK_PATIENCE, absence_of(fault.kind))
    while True:
        with context.threads.lent_connections() as connections:
            roll_back_faults(
                context, fault.targets, which, connections, patience=0.0, at_work_patience=0.0
            )
        left = [host for host in fault.targets if (fault.fault, host) not in context.reverted]
        if not left:
            course.note_off(fault, time.monotonic())
            return
        if not course.is_waited_for(fault) or course.closing.wait(RETRY_PAUSE):
            return
        if time.monotonic() > deadline:
            reason = RunReason(
                code="fault_not_off",
                host=", ".join(left),
                seconds=AT_WORK_PATIENCE,
                count=len(course.never_on()),
            )
            context.stop_course(reason, deviates=False)
            return


def _end_on_cluster(context: RunContext, fault: PlannedFault) -> None:
    if context.cluster and context.cluster.take_back(CLUSTER_PATIENCE, fault.fault):
        context.course.note_off(fault, time.monotonic())
    elif context.course.is_waited_for(fault):
        reason = RunReason(
            code="fault_not_off",
            host=CLUSTER,
            seconds=CLUSTER_PATIENCE,
            count=len(context.course.never_on()),
        )
        context.stop_course(reason, deviates=False)
