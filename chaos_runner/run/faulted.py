"""Hold faults on hosts for the length of a `with` block, and always take them back after it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from chaos_runner.errors import ChaosRunnerError, InjectionError
from chaos_runner.fleet.which_faults import WhichFaults
from chaos_runner.hosts.fleet_rescue import FleetRescue
from chaos_runner.run.context import RunContext
from chaos_runner.run.events import PlannedFault
from chaos_runner.run.heartbeat import Heartbeat
from chaos_runner.run.injection import inject
from chaos_runner.run.proof import write_proof, write_reverted
from chaos_runner.run.rollback import Reverted, roll_back

ROLL_BACK_MARGIN = 20.0
"""Seconds beyond a lease for which roll-back keeps asking a silent host."""


@contextmanager
def faults_applied(context: RunContext, tripped: Callable[[], bool]) -> Iterator[Heartbeat]:
    """Apply every planned fault, yield while they hold, then roll back and verify.

    Where a guard has `tripped` or a fault vanished before all were applied, the block is entered
    with those that were. The block's end, an exception in it, a failed injection and a signal all
    lead to the same roll-back. Connections for the roll-back are opened before the first fault.
    """
    plan = context.plan
    hosts = [plan.inventory.hosts[name] for name in plan.targets]
    spare = FleetRescue(hosts)
    lease = min(int(fault.lease) for fault in plan.faults)
    heartbeat = Heartbeat(hosts, plan.identity.run, lease, context.journal)
    try:
        spare.open()
        context.enter("inject")
        _inject_all(context, heartbeat, tripped)
        yield heartbeat
    finally:
        context.journal.roll_back_goes_first()
        heartbeat.stop()
        try:
            context.enter("roll-back")
        finally:
            results = _roll_back(
                context,
                plan.targets,
                WhichFaults.of_run(plan.identity.run),
                spare,
                patience=max(fault.lease for fault in plan.faults) + ROLL_BACK_MARGIN,
            )
        context.await_endings()
        context.enter("verify")
        _verify(context, results, spare)
        spare.close()
        heartbeat.close()
        _doubt_vanished(context, heartbeat)


def end_fault(context: RunContext, heartbeat: Heartbeat, fault: PlannedFault) -> None:
    """Take one fault back while others go on; what does not answer is left to the roll-back."""
    heartbeat.release(fault)
    _roll_back(context, fault.targets, WhichFaults.one(fault.fault), spare=None, patience=0.0)


def _inject_all(context: RunContext, heartbeat: Heartbeat, tripped: Callable[[], bool]) -> None:
    def ended() -> bool:
        context.probe.raise_if_dead()
        return context.interruption.arrived() or bool(heartbeat.vanished) or tripped()

    for fault in context.plan.faults:
        if ended():
            break
        try:
            inject(context.plan, fault, context.ansible, context.journal, ended)
        except InjectionError as error:
            context.not_applied = error.message
            raise
        heartbeat.hold(fault)
    context.interruption.raise_if_arrived()


def _roll_back(
    context: RunContext,
    hosts: Sequence[str],
    which: WhichFaults,
    spare: FleetRescue | None,
    patience: float,
) -> dict[str, Reverted]:
    """Roll back, and journal each fault on each host once."""

    def journal_reverted(reverted: Reverted) -> None:
        for fault in reverted.answer.faults if reverted.answer else []:
            if (fault.fault, reverted.host) in context.reverted:
                continue
            if fault.phase == "CLEAN":
                context.reverted.add((fault.fault, reverted.host))
            write_reverted(context.journal, reverted, fault)

    return roll_back(
        context.plan.inventory,
        hosts,
        which,
        context.ansible,
        spare,
        give_up_after=patience,
        on_reverted=journal_reverted,
    )


def _verify(context: RunContext, results: dict[str, Reverted], spare: FleetRescue) -> None:
    """Ask the other hand for residue, and journal the proof for every target."""
    audits = spare.audit()
    for host, reverted in results.items():
        audit = audits.get(host)
        residue: list[str] = []
        state = reverted.state
        message = reverted.message
        if audit is not None and not isinstance(audit, ChaosRunnerError) and not audit.clean:
            residue, state = list(audit.residue), "dirty"
            message = "chaos-runner left something on the host"
        faults = reverted.answer.faults if reverted.answer else []
        context.hosts[host] = state
        write_proof(context.journal, host, state, faults, message, residue)
    spare.forget(context.plan.identity.run)


def _doubt_vanished(context: RunContext, heartbeat: Heartbeat) -> None:
    for host, reason in heartbeat.vanished.items():
        context.doubt("lease", f"{host}: the fault ended before its time: {reason}")
