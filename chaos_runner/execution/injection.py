"""Apply the planned faults, host by host journalled before and after."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from chaos_runner.errors import InjectionError
from chaos_runner.execution.context import RunContext
from chaos_runner.execution.leases.heartbeat import Heartbeat
from chaos_runner.fleet.commands import render_fault_script
from chaos_runner.fleet.guard_answers.fault_answers import InjectAnswer
from chaos_runner.fleet.script_values import refuse_wrong_values
from chaos_runner.hosts.ansible.channel import AnsibleChannel
from chaos_runner.hosts.guard import guard_digest, new_token
from chaos_runner.hosts.guard_texts import injecting, installing, raw_command
from chaos_runner.hosts.outcome import HostOutcome, PlaybookOutcome
from chaos_runner.journal.events import (
    FaultApplied,
    FaultEffect,
    FaultFailed,
    FaultIntended,
    PlannedFault,
)
from chaos_runner.journal.journal import Journal
from chaos_runner.planning.plan import Plan
from chaos_runner.planning.timeline.timing import injection_limit
from chaos_runner.wording.readings import readings_words

_NOT_BEGUN = HostOutcome("missing", "the injection was ended before it began on the host")


def put_on(
    context: RunContext, heartbeat: Heartbeat, fault: PlannedFault, ended: Callable[[], bool]
) -> None:
    """Put one fault on, and have its leases renewed from its first host on.

    Raises InjectionError where it does not take hold on a host.
    """
    try:
        if fault.change and context.cluster:
            context.wait_for(f"the cluster to have the fault on: {fault.summary}")
            context.cluster.apply(fault)
        else:
            heartbeat.expect(fault)
            _inject(context, heartbeat, fault, ended)
    except InjectionError as error:
        context.not_applied = error.message
        raise


def _inject(
    context: RunContext, heartbeat: Heartbeat, fault: PlannedFault, ended: Callable[[], bool]
) -> None:
    def landed(host: str) -> None:
        context.owed.setdefault(host, set()).add(fault.fault)
        heartbeat.confirm(fault, host)

    context.wait_for(f"{', '.join(fault.targets)} to have the fault on: {fault.summary}")
    inject(context.plan, fault, context.ansible, context.journal, ended, landed)


def inject(
    plan: Plan,
    fault: PlannedFault,
    ansible: AnsibleChannel,
    journal: Journal,
    ended: Callable[[], bool],
    on_landed: Callable[[str], None],
) -> None:
    """Apply one fault to its targets, unless the run has `ended` meanwhile.

    Raises InjectionError when a host could not be changed, or shows no effect; the faults
    that did land stay on for the caller to roll back. `ended` is asked about once a second, and
    what it raises is raised from here. Where it says so, the playbook is cancelled: what it has
    begun on a host may still finish there, but not after the roll-back, which closes the run on
    the host. `on_landed` is called for each host that says that the fault is on.
    """
    for host in fault.targets:
        journal.write(FaultIntended(fault=fault.fault, host=host))
    installed = _install_guard(plan, fault, ansible, ended)
    ready = [host for host in fault.targets if host not in installed.per_host]
    outcome = installed if installed.cancelled else _apply(plan, fault, ready, ansible, ended)
    outcomes = {**dict.fromkeys(ready, _NOT_BEGUN), **outcome.per_host, **installed.per_host}
    failures = [
        f"{host}: {reason}"
        for host in fault.targets
        if (reason := _journal_outcome(journal, fault, host, outcomes[host], on_landed))
    ]
    if failures and not outcome.cancelled:
        raise InjectionError(
            f"{fault.kind} did not take hold:\n  " + "\n  ".join(failures),
            "every host was rolled back; the report says how each one ended",
        )


def _install_guard(
    plan: Plan, fault: PlannedFault, ansible: AnsibleChannel, ended: Callable[[], bool]
) -> PlaybookOutcome:
    """Install the guard on the targets that need it; return the outcomes of those that failed."""
    digest = guard_digest()
    wanting = [host for host in fault.targets if plan.facts[host].needs_guard(digest)]
    if not wanting:
        return PlaybookOutcome()
    token = new_token()
    outcome = ansible.run(
        "install.yml",
        wanting,
        {"chaos_command": raw_command(installing(token))},
        timeout=injection_limit(fault.kind, len(wanting)),
        cancelled=ended,
        token=token,
    )
    failed = {host: each for host, each in outcome.per_host.items() if each.state != "ok"}
    return replace(outcome, per_host=failed)


def _apply(
    plan: Plan,
    fault: PlannedFault,
    hosts: Sequence[str],
    ansible: AnsibleChannel,
    ended: Callable[[], bool],
) -> PlaybookOutcome:
    """Put the fault on: one task, with one command for all hosts where it is the same on all."""
    token = new_token()
    words = _inject_words(plan, fault)

    def command(own: Mapping[str, object]) -> str:
        variables = {**fault.variables, **own}
        refuse_wrong_values(fault.kind, variables)
        script = render_fault_script(fault.kind, variables)
        return raw_command(injecting(token, script, words))

    differing = {host: own for host in hosts if (own := fault.host_variables.get(host))}
    per_host = {host: {"chaos_command": command(own)} for host, own in differing.items()}
    return ansible.run(
        "inject.yml",
        hosts,
        {} if per_host else {"chaos_command": command({})},
        host_variables=per_host,
        timeout=injection_limit(fault.kind, len(fault.targets)),
        cancelled=ended,
        token=token,
    )


def _inject_words(plan: Plan, fault: PlannedFault) -> list[str]:
    return [
        fault.fault,
        *("--run", plan.identity.run, "--kind", fault.kind),
        *("--lease", str(int(fault.lease)), "--cap", str(int(fault.cap))),
    ]


def _journal_outcome(
    journal: Journal,
    fault: PlannedFault,
    host: str,
    outcome: HostOutcome,
    on_landed: Callable[[str], None],
) -> str | None:
    """Write what happened on one host; return the reason when the fault did not take hold."""
    answer = outcome.answer(InjectAnswer)
    if answer is not None and answer.ok:
        on_landed(host)
    if outcome.state != "ok" or answer is None or not answer.ok:
        reason = (answer.error if answer else "") or outcome.message or "the host gave no answer"
        journal.write(FaultFailed(fault=fault.fault, host=host, message=reason))
        return reason
    journal.write(
        FaultApplied(
            fault=fault.fault,
            host=host,
            lease=fault.lease,
            fingerprint=answer.fingerprint,
        )
    )
    journal.write(
        FaultEffect(fault=fault.fault, host=host, seen=answer.effect, readings=answer.readings)
    )
    return (
        None if answer.effect else f"applied, but without effect: {readings_words(answer.readings)}"
    )
