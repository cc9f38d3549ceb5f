"""Execute a plan: the phases of a run in their order, and the verdict at the end."""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from pathlib import Path

from chaos_runner.attempt import Attempt
from chaos_runner.errors import ChaosRunnerError, InjectionError, ProbeError
from chaos_runner.execution.context import RunContext
from chaos_runner.execution.fault_context import faults_applied
from chaos_runner.execution.hold_phase import hold, watch
from chaos_runner.execution.load.load import Load
from chaos_runner.execution.look_around import reason_to_stay_away
from chaos_runner.execution.outcomes import drain
from chaos_runner.execution.run_verdict import exit_code_of, verdict_of
from chaos_runner.execution.safeguards import SafeguardWatch
from chaos_runner.execution.stopping.interruption import RunInterruptedError
from chaos_runner.journal.events import (
    HostState,
    Interrupted,
    Notice,
    RunFinished,
)
from chaos_runner.verdict.judgement import Verdict
from chaos_runner.verdict.run_reason import RunReason
from chaos_runner.verdict.zones import ZoneAccount
from chaos_runner.wording.run_reasons import run_reason_words

SETTLE_LIMIT = 10.0
"""Seconds in which the last records of `before` must have been consumed."""


@dataclass(frozen=True)
class Outcome:
    """How a run ended."""

    run: str
    title: str
    verdict: Verdict
    exit_code: int
    reasons: list[str]
    """Why the verdict is not better, in words."""
    hosts: dict[str, HostState]
    journal: Path
    plan_outdated: bool = False
    """Whether no host was touched since the targets were not any more what they were chosen
    for: a new plan finds the new ones."""


class _EndedEarlyError(Exception):
    """The end of a run after the phase that noticed there is no point in going on."""


def execute(context: RunContext) -> Outcome:
    """Run every phase, write every event, and return the outcome.

    Errors of the phases become part of the outcome: whatever happens after the first host is
    touched, the roll-back happens and the journal is closed with a verdict.
    """
    load = Load(context.plan, context.journal)
    with Attempt() as phases:
        _warm_up(context, load)
        with context.checks:
            if context.plan.faults:
                _put_to_the_test(context)
            else:
                _measure(context)
    context.journal.roll_back_goes_first()
    with context.whatever_happens("load"):
        if reason := load.stop():
            context.doubt("load", reason)
    if phases.error:
        _tell_why_it_ended(context, phases.error)
    with context.whatever_happens("drain"):
        drain(context)
    return _finish(context)


def _tell_why_it_ended(context: RunContext, error: Exception) -> None:
    """Put into the verdict what ended the phases early."""
    journal = context.journal
    match error:
        case _EndedEarlyError():
            pass
        case RunInterruptedError():
            journal.write(Interrupted(signal=context.interruption.name))
            signal = context.interruption.name
            context.inconclusive.append(RunReason(code="interrupted", signal=signal))
        case InjectionError():
            journal.write(Notice(level="error", source="inject", message=error.message))
            context.inconclusive.append(RunReason(code="fault_not_applied"))
        case ProbeError():
            context.doubt("probe", RunReason(code="probe_failed", detail=error.message))
        case ChaosRunnerError():
            context.doubt("run", RunReason(code="run_failed", detail=error.message))
        case OSError():
            context.doubt("run", RunReason(code="machine_failed", detail=str(error)))
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


def _warm_up(context: RunContext, load: Load) -> None:
    context.enter("warm-up")
    if context.plan.experiment.load:
        context.wait_for("the load beside the probe to send")
        load.start(context.interruption)
        context.wait_for("the cluster to be quiet")
    limit = context.plan.experiment.phases.warm_up
    quiet = context.probe.wait_until_quiet(limit, context.interruption.arrived)
    context.interruption.raise_if_arrived()
    if not quiet:
        context.doubt("warm-up", RunReason(code="not_quiet", seconds=limit))


def _judge_before(context: RunContext, safeguards: SafeguardWatch) -> None:
    """Judge the steady state before any host is touched.

    The run ends where it does not hold, and where a safeguard would end the faults at once.
    """
    context.enter("before")
    watch(context, context.plan.experiment.phases.before)
    if not context.checks.have_answers():
        context.wait_for("the first answer of each check")
        watch(context, context.checks.patience, context.checks.have_answers)
    context.probe.enter_phase("inject")  # so that the records of `before` come to an end
    context.wait_for("the last records of `before` to be consumed")
    settled = context.probe.settle(SETTLE_LIMIT)
    totals = context.observations.settled_totals("before", SETTLE_LIMIT)
    complete = settled and totals.pending == 0
    zones = {
        zone: ZoneAccount(
            context.observations.totals("before", zone),
            context.observations.health_of("before", zone),
        )
        for zone in context.observations.zones
    }
    context.doubt_lost_zones()
    if context.judge("before", totals, complete=complete, zones=zones) != "held":
        context.doubt("before", RunReason(code="did_not_hold_before"))
        raise _EndedEarlyError
    exceeded = safeguards.exceeded()
    if exceeded is not None:
        context.doubt(
            "before",
            RunReason(
                code="safeguard_exceeded_before",
                safeguard=exceeded.safeguard,
                observed=exceeded.observed,
            ),
        )
        raise _EndedEarlyError


def _look_around(context: RunContext) -> None:
    """End the run where it would hit others than the plan meant."""
    reason = reason_to_stay_away(context)
    if reason is None:
        return
    context.doubt("blast radius" if reason.code == "harm_not_allowed" else "targets", reason)
    context.plan_outdated = reason.code == "role_moved"
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
        context.deviations.append(RunReason(code="no_recovery", seconds=limit))


def _after(context: RunContext) -> None:
    context.enter("after")
    watch(context, context.plan.experiment.phases.after)


def _finish(context: RunContext) -> Outcome:
    journal = context.journal
    verdict, reasons = verdict_of(context)
    exit_code = exit_code_of(context, verdict)
    if journal.observer_error:
        text = f"the run was not shown to its end: {journal.observer_error}"
        journal.write(Notice(source="display", message=text))
    journal.write(RunFinished(verdict=verdict, exit_code=exit_code, reasons=reasons))
    told = [run_reason_words(reason) for reason in reasons]
    if journal.write_error:
        told.append(f"{journal.path} lacks events: {journal.write_error}")
    plan = context.plan
    return Outcome(
        run=plan.identity.run,
        title=plan.experiment.title,
        verdict=verdict,
        exit_code=exit_code,
        reasons=told,
        hosts=dict(context.hosts),
        journal=journal.path,
        plan_outdated=context.plan_outdated,
    )
