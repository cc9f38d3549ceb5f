"""Put into a run's verdict how each of its faults ended."""

from __future__ import annotations

from collections.abc import Mapping

from chaos_runner.execution.context import RunContext
from chaos_runner.journal.events import PlannedFault
from chaos_runner.verdict.run_reason import Ending, RunReason, ended_by
from chaos_runner.wording.endings import why_not_held


def doubt_early_endings(context: RunContext, vanished: Mapping[str, str]) -> None:
    """Doubt the run for every fault that was not on for as long as it was wanted.

    `vanished` are the hosts on which the run has noticed it meanwhile, and why it thinks so.
    """
    told: set[str] = set()
    for fault in context.plan.faults:
        for host in fault.targets:
            if fault.fault not in context.owed.get(host, ()):
                continue
            ending = _ending(context, fault, host, noticed=host in vanished)
            if ending.needed > 0 and why_not_held(ending):
                context.doubt("lease", RunReason(code="fault_ended_early", ending=ending))
                told.add(host)
    for host, reason in vanished.items():
        if host not in told:
            context.doubt("lease", RunReason(code="fault_vanished", host=host, detail=reason))


def _ending(context: RunContext, fault: PlannedFault, host: str, *, noticed: bool) -> Ending:
    needed, lapsed = context.needed.get(fault.fault, (0.0, frozenset()))
    answer = context.ended.get((fault.fault, host))
    if noticed and answer is not None and answer.by != "revert":
        needed = fault.duration  # the run ended early because of this very fault
    return Ending(
        host=host,
        kind=fault.kind,
        planned=fault.duration,
        needed=needed,
        answered=answer is not None,
        by=ended_by(answer.by) if answer else "",
        held=answer.held if answer else None,
        lease_over=host in lapsed and not noticed,  # else the run says more about it
    )
