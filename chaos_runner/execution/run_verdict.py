"""The verdict on a whole run, and the exit code that follows from how it ended."""

from __future__ import annotations

from chaos_runner.errors import ChaosRunnerError, HostsNotCleanError, InjectionError, ProbeError
from chaos_runner.execution.context import RunContext
from chaos_runner.verdict.judgement import Verdict, worst_verdict
from chaos_runner.verdict.run_reason import RunReason


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
        RunReason(code="phase_judged", phase=phase, verdict=verdict)
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
