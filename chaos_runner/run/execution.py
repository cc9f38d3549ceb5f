"""Execute a plan: the phases of a run in their order, and the verdict at the end."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from chaos_runner.errors import HostsNotCleanError, InjectionError, ProbeError
from chaos_runner.experiment.judgement import Verdict, worst_verdict
from chaos_runner.experiment.steady_state import Guard
from chaos_runner.experiment.tolerances import tripped_guard
from chaos_runner.run.context import RunContext
from chaos_runner.run.events import (
    JUDGED_PHASES,
    GuardTripped,
    HostState,
    Interrupted,
    Notice,
    ProbeFinished,
    RunFinished,
)
from chaos_runner.run.faulted import end_fault, faults_applied
from chaos_runner.run.heartbeat import Heartbeat
from chaos_runner.run.interruption import RunInterruptedError
from chaos_runner.run.observations import totals_to_judge
from chaos_runner.run.outcomes import outcomes_of

TICK = 0.5
"""Seconds between two looks at signals, guards and the probe while a phase lasts."""
SETTLE_LIMIT = 10.0
"""Seconds in which the last records of `before` must have been read back."""


@dataclass(frozen=True)
class Outcome:
    """Tell how a run ended."""

    run: str
    title: str
    verdict: Verdict
    exit_code: int
    reasons: list[str]
    hosts: dict[str, HostState]
    journal: Path


class _EndedEarlyError(Exception):
    """End the run after the phase that noticed there is no point in going on."""


def execute(context: RunContext) -> Outcome:
    """Run every phase, write every event, and return the outcome.

    Errors of the phases become part of the outcome: whatever happens after the first host is
    touched, the roll-back happens and the journal is closed with a verdict.
    """
    try:
        _warm_up(context)
        _judge_before(context)
        with faults_applied(context) as heartbeat:
            _hold(context, heartbeat)
        _recover(context)
        _after(context)
    except _EndedEarlyError:
        pass
    except RunInterruptedError:
        context.journal.write(Interrupted, signal=context.interruption.name)
        context.inconclusive.append(f"interrupted by {context.interruption.name}")
    except ProbeError as error:
        context.doubt("probe", error.message)
    except InjectionError as error:
        context.journal.write(Notice, level="error", source="inject", message=error.message)
        context.inconclusive.append("a fault could not be applied as planned")
    _drain(context)
    return _finish(context)


def _warm_up(context: RunContext) -> None:
    context.enter("warm-up")
    limit = context.plan.experiment.phases.warm_up
    quiet = context.probe.wait_until_quiet(limit, context.interruption.arrived)
    context.interruption.raise_if_arrived()
    if not quiet:
        context.doubt("warm-up", f"the cluster was not quiet within {limit:g} s")


def _judge_before(context: RunContext) -> None:
    """Judge the steady state before any host is touched; end the run where it does not hold."""
    context.enter("before")
    _watch(context, context.plan.experiment.phases.before)
    context.probe.enter_phase("inject")  # so that the records of `before` come to an end
    settled = context.probe.settle(SETTLE_LIMIT)
    totals = context.observations.settled_totals("before", SETTLE_LIMIT)
    complete = settled and totals.pending == 0
    if context.judge("before", totals, complete=complete) != "held":
        context.doubt("before", "the steady state did not hold before; no host was touched")
        raise _EndedEarlyError


def _hold(context: RunContext, heartbeat: Heartbeat) -> None:
    """Hold each fault for its duration, or until a guard trips or a signal comes.

    A fault that is shorter than another ends on time; the last ones end with the roll-back.
    """
    context.enter("during")
    started = time.monotonic()
    by_duration = sorted(context.plan.faults, key=lambda fault: fault.duration)
    longest = by_duration[-1].duration
    for fault in by_duration:
        left = started + fault.duration - time.monotonic()
        if _watch(context, left, guarded=True) == "tripped":
            return
        if fault.duration < longest:
            end_fault(context, heartbeat, fault)


def _recover(context: RunContext) -> None:
    context.enter("recovery")
    limit = context.plan.experiment.phases.recovery
    quiet = context.probe.wait_until_quiet(limit, context.interruption.arrived)
    context.interruption.raise_if_arrived()
    if not quiet:
        context.deviations.append(f"the cluster did not recover within {limit:g} s")


def _after(context: RunContext) -> None:
    context.enter("after")
    _watch(context, context.plan.experiment.phases.after)


def _watch(
    context: RunContext, seconds: float, *, guarded: bool = False
) -> Literal["over", "tripped"]:
    """Let time pass, at most until a guard trips; raise when a signal comes or the probe dies."""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        context.interruption.wait(min(TICK, left))
        context.interruption.raise_if_arrived()
        context.probe.raise_if_dead()
        if guarded and _guard_tripped(context):
            return "tripped"
    return "over"


def _guard_tripped(context: RunContext) -> bool:
    window = _guard_window(context.plan.experiment.guards)
    tripped = tripped_guard(
        context.plan.experiment.guards,
        context.observations.recent(window),
        context.observations.recent_health(window),
    )
    if tripped is None:
        return False
    context.journal.write(GuardTripped, guard=tripped.guard, observed=tripped.observed)
    context.deviations.append(f"guard {tripped.guard} tripped: {tripped.observed}")
    return True


def _guard_window(guards: Sequence[Guard]) -> float:
    """Return the seconds of buckets the guards look at: a record counts once older than a limit."""
    needs = [guard.hold + max(guard.limits().values()) for guard in guards]
    return max(needs, default=0.0) + 5.0


def _drain(context: RunContext) -> None:
    """Account for every record, then judge each phase again with the whole ledger."""
    context.enter("drain")
    if not context.probe.alive:
        return
    try:
        finished = context.probe.finish(context.plan.experiment.phases.drain)
    except ProbeError as error:
        context.doubt("probe", error.message)
        return
    context.journal.write(
        ProbeFinished,
        complete=finished.complete,
        totals=finished.totals,
        groups=finished.groups,
        anomalies=finished.anomalies,
        blackouts=[context.observations.on_run_clock(gap) for gap in finished.blackouts],
        reason=finished.reason,
    )
    if not finished.complete:
        context.doubt("drain", f"not every record could be accounted for: {finished.reason}")
    context.enter("verdict")
    clean = all(state == "clean" for state in context.hosts.values())
    outcomes = outcomes_of(context.observations, finished, clean=clean)
    for phase in JUDGED_PHASES:
        if phase in finished.totals:
            totals = totals_to_judge(finished.totals, phase)
            context.judge(phase, totals, outcomes, complete=finished.complete)


def _finish(context: RunContext) -> Outcome:
    verdict, reasons = _verdict(context)
    exit_code = _exit_code(context, verdict)
    context.journal.write(RunFinished, verdict=verdict, exit_code=exit_code, reasons=reasons)
    plan = context.plan
    return Outcome(
        run=plan.identity.run,
        title=plan.experiment.title,
        verdict=verdict,
        exit_code=exit_code,
        reasons=reasons,
        hosts=dict(context.hosts),
        journal=context.journal.path,
    )


def _verdict(context: RunContext) -> tuple[Verdict, list[str]]:
    """Return the worst of all verdicts, and why it is not better.

    A steady state that did not hold before says nothing about the fault: it makes the run
    inconclusive, whatever it was itself.
    """
    verdicts: list[Verdict] = [
        "inconclusive" if phase == "before" and verdict != "held" else verdict
        for phase, verdict in context.verdicts.items()
    ]
    verdicts += ["inconclusive" for _ in context.inconclusive]
    verdicts += ["deviated" for _ in context.deviations]
    judged = [
        f"{phase}: {verdict}" for phase, verdict in context.verdicts.items() if verdict != "held"
    ]
    return worst_verdict(verdicts), [*context.deviations, *judged, *context.inconclusive]


def _exit_code(context: RunContext, verdict: Verdict) -> int:
    if any(state != "clean" for state in context.hosts.values()):
        return HostsNotCleanError.exit_code
    if context.interruption.arrived():
        return context.interruption.exit_code
    if context.not_applied:
        return InjectionError.exit_code
    return {"held": 0, "deviated": 1, "inconclusive": ProbeError.exit_code}[verdict]
