"""The verdict on a whole run, how its faults ended included, and the exit code that follows."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from chaos_runner.errors import ChaosRunnerError, HostsNotCleanError, InjectionError, ProbeError
from chaos_runner.execution.context import RunContext
from chaos_runner.journal.events import Notice, PlannedFault
from chaos_runner.measurements.cluster_fault import CLUSTER
from chaos_runner.verdict.judgement import Verdict, worst_verdict
from chaos_runner.verdict.run_reason import Ending, RunReason, ended_by
from chaos_runner.wording.endings import why_not_held


def verdict_of(context: RunContext) -> tuple[Verdict, list[RunReason]]:
    """Return the worst of all verdicts, and why it is not better.

    A steady state that did not hold before says nothing about the fault: it makes a run that
    has faults inconclusive, whatever it was itself.
    """
    faulted = bool(context.plan.faults)
    verdicts: list[Verdict] = [
        "inconclusive" if faulted and phase == "before" and verdict != "held" else verdict
        for phase, verdict in context.verdicts.items()
    ]
    verdicts += ["inconclusive" for _ in context.inconclusive]
    verdicts += ["deviated" for _ in context.deviations]
    judged = [
        RunReason(
            code="phase_judged",
            phase=phase,
            verdict=verdict,
            zones=[
                zone
                for zone, alone in context.zone_verdicts.get(phase, {}).items()
                if alone == verdict
            ],
        )
        for phase, verdict in context.verdicts.items()
        if verdict != "held"
    ]
    return worst_verdict(verdicts), [*context.deviations, *judged, *context.inconclusive]


def exit_code_of(context: RunContext, verdict: Verdict) -> int:
    """Return the exit code: hosts that are not clean win over all else."""
    if any(state != "clean" for state in context.hosts.values()):
        return HostsNotCleanError.exit_code
    if context.interruption.arrived():
        return context.interruption.exit_code
    if context.mistakes:
        return ChaosRunnerError.exit_code
    if context.not_applied:
        return InjectionError.exit_code
    return {"held": 0, "deviated": 1, "inconclusive": ProbeError.exit_code}[verdict]


def doubt_early_endings(context: RunContext, vanished: Mapping[str, str]) -> None:
    """Doubt the run for every fault that was not on for as long as it was wanted.

    `vanished` are the hosts on which the run has noticed it meanwhile, and why it thinks so.
    """
    told: set[str] = set()
    for fault in context.plan.faults:
        for host in (CLUSTER,) if fault.change else fault.targets:
            if fault.fault not in context.owed.get(host, ()):
                continue
            ending = _ending(context, fault, host, noticed=host in vanished)
            if ending.needed > 0 and why_not_held(ending):
                context.doubt("lease", RunReason(code="fault_ended_early", ending=ending))
                told.add(host)
    for host, reason in vanished.items():
        if host not in told:
            context.doubt("lease", RunReason(code="fault_vanished", host=host, detail=reason))


def doubt_untouched(context: RunContext, faults: Collection[str]) -> None:
    """Doubt the run for faults on brokers that reach no partition of the probe.

    Its records cannot show what these do. Where the steady state looks at more than records, at
    checks, consumer groups or the cluster's health, that is what is judged, and it is told only.
    """
    for fault in context.plan.faults:
        if fault.fault not in faults or _meets_a_zone(context, fault):
            continue
        where = ", ".join(fault.chosen)
        reason = RunReason(code="nothing_reached", host=where, detail=fault.summary)
        if context.plan.experiment.steady_state.looks_beyond_records():
            context.journal.write(Notice(level="warning", source="targets", reason=reason))
        else:
            context.doubt("targets", reason)


def _meets_a_zone(context: RunContext, fault: PlannedFault) -> bool:
    """Tell whether a fault is about what a target and a zone of the probe send each other."""
    zones = context.plan.experiment.probe.zones
    if not zones:
        return False
    hosts = context.plan.inventory.hosts
    nodes = [hosts[zone] for zone in zones if zone in hosts]
    there = {address for node in nodes for address in (node.address, *node.addresses)}
    return any(not there.isdisjoint(addresses) for addresses in fault.peers.values())


def _ending(context: RunContext, fault: PlannedFault, host: str, *, noticed: bool) -> Ending:
    needed, lapsed = context.needed.get(fault.fault, (0.0, frozenset()))
    answer = context.ended.get((fault.fault, host))
    seen_gone = None
    if noticed and answer is not None and answer.by != "revert":
        seen_gone = needed
        needed = fault.duration  # the run ended early because of this very fault
    return Ending(
        host=host,
        kind=fault.kind,
        planned=fault.duration,
        needed=needed,
        answered=answer is not None,
        by=ended_by(answer.by) if answer else "",
        held=answer.held if answer else None,
        seen_gone=seen_gone,
        lease_over=host in lapsed and not noticed,  # else the run says more about it
    )
