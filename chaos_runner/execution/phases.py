"""Execute a plan: the phases of a run in their order, and the verdict at the end."""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from pathlib import Path

from chaos_runner.attempt import Attempt
from chaos_runner.blast_radius.permission import forbidden_by
from chaos_runner.errors import ChaosRunnerError, HostsNotCleanError, InjectionError, ProbeError
from chaos_runner.execution.context import RunContext
from chaos_runner.execution.fault_context import faults_applied
from chaos_runner.execution.hold_phase import hold, watch
from chaos_runner.execution.interruption import RunInterruptedError
from chaos_runner.execution.observations import totals_to_judge
from chaos_runner.execution.outcomes import outcomes_of
from chaos_runner.execution.safeguards import SafeguardWatch
from chaos_runner.journal.events import (
    JUDGED_PHASES,
    HostState,
    Interrupted,
    Notice,
    ProbeFinished,
    RunFinished,
)
from chaos_runner.planning.blast_radius_check import look_at_cluster, radius_of, targets_of
from chaos_runner.verdict.judgement import Verdict, worst_verdict
from chaos_runner.wording.safeguards import condition_words, seen_words

SETTLE_LIMIT = 10.0
"""Seconds in which the last records of `before` must have been read back."""


@dataclass(frozen=True)
class Outcome:
    """How a run ended."""

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
    with Attempt() as phases:
        _warm_up(context)
        if context.plan.faults:
            _put_to_the_test(context)
        else:
            _measure(context)
    context.journal.roll_back_goes_first()
    if phases.error:
        _tell_why_it_ended(context, phases.error)
    with context.whatever_happens("drain"):
        _drain(context)
    return _finish(context)


def _tell_why_it_ended(context: RunContext, error: Exception) -> None:
    """Put into the verdict what ended the phases early."""
    journal = context.journal
    match error:
        case _EndedEarlyError():
            pass
        case RunInterruptedError():
            journal.write(Interrupted(signal=context.interruption.name))
            context.inconclusive.append(f"interrupted by {context.interruption.name}")
        case InjectionError():
            journal.write(Notice(level="error", source="inject", message=error.message))
            context.inconclusive.append("a fault could not be applied as planned")
        case ProbeError():
            context.doubt("probe", error.message)
        case ChaosRunnerError():
            context.doubt("run", error.message)
        case OSError():
            context.doubt("run", f"this machine ended the run: {error}")
        case _:
            text = "".join(traceback.format_exception(error))
            journal.write(Notice(level="error", source="run", message=text))
            context.note_mistake("run", f"{type(error).__name__}: {error}")


def _put_to_the_test(context: RunContext) -> None:
    """Judge before, hold the faults, and see the cluster recover."""
    with SafeguardWatch(context) as safeguards:
        _judge_before(context, safeguards)
        _look_around(context)
        with faults_applied(context, safeguards.tripped) as heartbeat:
            hold(context, heartbeat, safeguards)
    _recover(context)
    _after(context)


def _warm_up(context: RunContext) -> None:
    context.enter("warm-up")
    limit = context.plan.experiment.phases.warm_up
    quiet = context.probe.wait_until_quiet(limit, context.interruption.arrived)
    context.interruption.raise_if_arrived()
    if not quiet:
        context.doubt("warm-up", f"the cluster was not quiet within {limit:g} s")


def _judge_before(context: RunContext, safeguards: SafeguardWatch) -> None:
    """Judge the steady state before any host is touched.

    The run ends where it does not hold, and where a safeguard would end the faults at once.
    """
    context.enter("before")
    watch(context, context.plan.experiment.phases.before)
    context.probe.enter_phase("inject")  # so that the records of `before` come to an end
    context.wait_for("the last records of `before` to be read back")
    settled = context.probe.settle(SETTLE_LIMIT)
    totals = context.observations.settled_totals("before", SETTLE_LIMIT)
    complete = settled and totals.pending == 0
    if context.judge("before", totals, complete=complete) != "held":
        context.doubt("before", "the steady state did not hold before; no host was touched")
        raise _EndedEarlyError
    exceeded = safeguards.exceeded()
    if exceeded is not None:
        context.doubt(
            "before",
            f"safeguard {condition_words(exceeded.safeguard)} was exceeded before "
            f"({seen_words(exceeded.observed)}); "
            "no host was touched",
        )
        raise _EndedEarlyError


def _look_around(context: RunContext) -> None:
    """End the run when others would be hurt who were safe when the plan was made."""
    plan = context.plan
    if plan.experiment.allow.unknown_blast_radius and plan.blast_radius.unknown:
        return
    context.wait_for("another look at whom the faults would hurt")
    cluster = look_at_cluster(plan.experiment, plan.experiment_file, plan.inventory)
    context.interruption.raise_if_arrived()
    targeted = targets_of(plan.experiment, plan.faults)
    radius = radius_of(targeted, plan.inventory, cluster, plan.facts)
    for problem in forbidden_by(radius, plan.experiment.allow):
        context.doubt("blast radius", f"no host was touched: {problem.text}")
        raise _EndedEarlyError


def _measure(context: RunContext) -> None:
    """Let the phase pass that is all there is without faults; the drain judges it."""
    context.enter("before")
    watch(context, context.plan.experiment.phases.before)


def _recover(context: RunContext) -> None:
    context.enter("recovery")
    limit = context.plan.experiment.phases.recovery
    quiet = context.probe.wait_until_quiet(limit, context.interruption.arrived)
    context.interruption.raise_if_arrived()
    if not quiet:
        context.deviations.append(f"the cluster did not recover within {limit:g} s")


def _after(context: RunContext) -> None:
    context.enter("after")
    watch(context, context.plan.experiment.phases.after)


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
        ProbeFinished(
            complete=finished.complete,
            totals=finished.totals,
            groups=finished.groups,
            anomalies=finished.anomalies,
            outages=[context.observations.on_run_clock(gap) for gap in finished.outages],
            reason=finished.reason,
        )
    )
    if not finished.complete:
        context.doubt("drain", f"not every record could be accounted for: {finished.reason}")
    lost = finished.totals["warm-up"].lost if "warm-up" in finished.totals else 0
    if lost:
        context.doubt("warm-up", f"{lost} acknowledged records of the warm-up are lost already")
    context.enter("verdict")
    clean = all(state == "clean" for state in context.hosts.values())
    outcomes = outcomes_of(context.observations, finished, clean=clean)
    for phase in JUDGED_PHASES:
        if phase in finished.totals:
            totals = totals_to_judge(finished.totals, phase)
            context.judge(phase, totals, outcomes, complete=finished.complete)


def _finish(context: RunContext) -> Outcome:
    journal = context.journal
    verdict, reasons = _verdict(context)
    exit_code = _exit_code(context, verdict)
    if journal.observer_error:
        text = f"the run was not shown to its end: {journal.observer_error}"
        journal.write(Notice(source="display", message=text))
    journal.write(RunFinished(verdict=verdict, exit_code=exit_code, reasons=reasons))
    if journal.write_error:
        reasons = [*reasons, f"{journal.path} lacks events: {journal.write_error}"]
    plan = context.plan
    return Outcome(
        run=plan.identity.run,
        title=plan.experiment.title,
        verdict=verdict,
        exit_code=exit_code,
        reasons=reasons,
        hosts=dict(context.hosts),
        journal=journal.path,
    )


def _verdict(context: RunContext) -> tuple[Verdict, list[str]]:
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
        f"{phase}: {verdict}" for phase, verdict in context.verdicts.items() if verdict != "held"
    ]
    return worst_verdict(verdicts), [*context.deviations, *judged, *context.inconclusive]


def _exit_code(context: RunContext, verdict: Verdict) -> int:
    if any(state != "clean" for state in context.hosts.values()):
        return HostsNotCleanError.exit_code
    if context.interruption.arrived():
        return context.interruption.exit_code
    if context.mistakes:
        return ChaosRunnerError.exit_code
    if context.not_applied:
        return InjectionError.exit_code
    return {"held": 0, "deviated": 1, "inconclusive": ProbeError.exit_code}[verdict]
