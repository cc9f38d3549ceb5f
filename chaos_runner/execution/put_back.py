"""Take the faults of a run back, all or one of them, and prove what became of each host."""

from __future__ import annotations

from collections.abc import Sequence

from chaos_runner.execution.cluster.cluster_faults import ClusterFaults
from chaos_runner.execution.context import RunContext
from chaos_runner.execution.leases.heartbeat import Heartbeat
from chaos_runner.execution.run_verdict import doubt_early_endings
from chaos_runner.faults.registry import absence_of
from chaos_runner.fleet.guard_answers.answer import OVER
from chaos_runner.fleet.which_faults import WhichFaults
from chaos_runner.hosts.ssh.fleet_channel import FleetRescue
from chaos_runner.journal.events import PlannedFault
from chaos_runner.rollback.evidence import write_proof, write_reverted
from chaos_runner.rollback.rollback import AT_WORK_PATIENCE, Reverted, roll_back
from chaos_runner.rollback.verification import verify_hosts

ROLL_BACK_MARGIN = 20.0
"""Seconds beyond a lease for which roll-back keeps asking a silent host."""
CANCEL_LIMIT = 5.0
"""Seconds in which an injection that is cancelled has ended; the roll-back waits no longer. What of
it is late on a host is refused there once the run is rolled back."""
CLUSTER_PATIENCE = 60.0
"""Seconds for which a fault of the cluster is waited for to be off; its process goes on then."""


def put_back(
    context: RunContext, heartbeat: Heartbeat, cluster: ClusterFaults, spare: FleetRescue
) -> None:
    """Roll back and verify; no error of a step keeps the next one, or another host, from it."""
    plan = context.plan
    context.course.closing.set()
    context.journal.roll_back_goes_first()
    for fault in plan.faults:
        release(context, heartbeat, fault)
    heartbeat.stop()
    with context.whatever_happens("inject"):
        context.threads.await_injections(CANCEL_LIMIT)
    with context.whatever_happens("roll-back"):
        context.enter("roll-back")
        context.wait_for(f"{', '.join(plan.touched)} to have the faults off")
    with context.whatever_happens("roll-back"):
        cluster.begin_undo()  # it goes on while hosts are put back, and after it
    results = {host: Reverted(host, "unknown", message="no answer") for host in plan.targets}
    with context.whatever_happens("roll-back"):
        results = roll_back_faults(
            context,
            plan.targets,
            WhichFaults.of_run(plan.identity.run),
            spare,
            patience=max(max(fault.lease, absence_of(fault.kind)) for fault in plan.faults)
            + ROLL_BACK_MARGIN,
            at_work_patience=AT_WORK_PATIENCE,
        )
    with context.whatever_happens("roll-back"):
        context.threads.await_injections(ROLL_BACK_MARGIN)
    with context.whatever_happens("roll-back"):
        cluster.take_back(CLUSTER_PATIENCE)
    with context.whatever_happens("roll-back"):
        context.threads.await_endings()
    with context.whatever_happens("verify"):
        context.enter("verify")
        context.wait_for(f"{', '.join(plan.touched)} to be looked at")
    _verify(context, results, spare)
    with context.whatever_happens("verify"):
        cluster.verify()
    with context.whatever_happens("verify"):
        heartbeat.close()
        doubt_early_endings(context, heartbeat.vanished)


def release(context: RunContext, heartbeat: Heartbeat, fault: PlannedFault) -> None:
    """Note for how long a fault was wanted, the first time that it is not wanted any more."""
    if fault.fault in context.needed:
        return
    hosts = () if fault.change else fault.targets
    lapsed = {host for host in hosts if heartbeat.may_have_ended(host)}
    context.release(fault, lapsed)
    heartbeat.release(fault)


def roll_back_faults(
    context: RunContext,
    hosts: Sequence[str],
    which: WhichFaults,
    spare: FleetRescue | None,
    patience: float,
    at_work_patience: float,
) -> dict[str, Reverted]:
    """Roll back, and journal each fault on each host once."""

    def journal_reverted(reverted: Reverted) -> None:
        for fault in reverted.answer.faults if reverted.answer else []:
            if (fault.fault, reverted.host) in context.reverted:
                continue
            if fault.phase in OVER:
                context.reverted.add((fault.fault, reverted.host))
            context.ended[fault.fault, reverted.host] = fault
            write_reverted(context.journal, reverted, fault)

    return roll_back(
        context.plan.inventory,
        hosts,
        which,
        context.ansible,
        spare,
        give_up_after=patience,
        on_reverted=journal_reverted,
        on_trouble=lambda text: context.note_mistake("roll-back", text),
        at_work_patience=at_work_patience,
    )


def _verify(context: RunContext, results: dict[str, Reverted], spare: FleetRescue) -> None:
    """Look at every host, and journal the proof for each."""
    plan = context.plan
    proved = results
    owed = {host: dict.fromkeys(faults, plan.identity.run) for host, faults in context.owed.items()}
    with context.whatever_happens("verify"):
        proved = verify_hosts(plan.inventory, results, context.ansible, spare, owed)
        context.hosts |= {host: reverted.state for host, reverted in proved.items()}
    for host, reverted in proved.items():
        faults = reverted.answer.faults if reverted.answer else []
        with context.whatever_happens("verify"):
            write_proof(
                context.journal,
                host,
                context.hosts[host],
                faults,
                reverted.message,
                reverted.residue,
            )
    if not context.journal.write_error:
        with context.whatever_happens("verify"):
            spare.forget(plan.identity.run)
