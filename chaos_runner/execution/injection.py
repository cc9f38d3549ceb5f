"""Apply the planned faults, host by host journalled before and after."""

from __future__ import annotations

from collections.abc import Callable

from chaos_runner.errors import InjectionError
from chaos_runner.execution.context import RunContext
from chaos_runner.execution.leases.heartbeat import Heartbeat
from chaos_runner.faults.registry import fault_kinds
from chaos_runner.fleet.guard_answers import InjectAnswer
from chaos_runner.hosts.ansible.channel import AnsibleChannel, HostOutcome
from chaos_runner.hosts.guard import guard_digest
from chaos_runner.journal.events import (
    FaultApplied,
    FaultEffect,
    FaultFailed,
    FaultIntended,
    PlannedFault,
)
from chaos_runner.journal.journal import Journal
from chaos_runner.planning.plan import Plan
from chaos_runner.planning.timing import injection_limit


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
    outcome = ansible.run(
        "inject.yml",
        fault.targets,
        _inject_variables(plan, fault),
        host_variables=fault.host_variables,
        timeout=injection_limit(fault.kind, len(fault.targets)),
        cancelled=ended,
    )
    failures = [
        f"{host}: {reason}"
        for host in fault.targets
        if (reason := _journal_outcome(journal, fault, host, outcome.per_host[host], on_landed))
    ]
    if failures and not outcome.cancelled:
        raise InjectionError(
            f"{fault.kind} did not take hold:\n  " + "\n  ".join(failures),
            "every host was rolled back; the report says how each one ended",
        )


def _inject_variables(plan: Plan, fault: PlannedFault) -> dict[str, object]:
    digest = guard_digest()
    return {
        "chaos_kind": fault.kind,
        "chaos_role": fault_kinds()[fault.kind].role_name(),
        "chaos_run": plan.identity.run,
        "chaos_fault": fault.fault,
        "chaos_lease": int(fault.lease),
        "chaos_cap": int(fault.cap),
        **fault.variables,
        "chaos_install_guard": any(plan.facts[host].needs_guard(digest) for host in fault.targets),
    }


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
        FaultEffect(fault=fault.fault, host=host, seen=answer.effect, detail=answer.detail)
    )
    return None if answer.effect else f"applied, but without effect: {answer.detail}"
