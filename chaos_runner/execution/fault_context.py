"""Hold faults on hosts for the length of a `with` block, and always take them back after it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from chaos_runner.errors import ChaosRunnerError, InjectionError
from chaos_runner.execution.cluster.cluster_faults import ClusterFaults
from chaos_runner.execution.context import RunContext
from chaos_runner.execution.injection import inject
from chaos_runner.execution.leases.heartbeat import Heartbeat
from chaos_runner.execution.run_verdict import doubt_early_endings
from chaos_runner.faults.registry import absence_of
from chaos_runner.fleet.guard_answers import OVER
from chaos_runner.fleet.inventory import Host
from chaos_runner.fleet.which_faults import WhichFaults
from chaos_runner.hosts.ssh.fleet_channel import FleetRescue
from chaos_runner.journal.events import PlannedFault
from chaos_runner.measurements.cluster_fault import CLUSTER
from chaos_runner.planning.plan import Plan
from chaos_runner.rollback.evidence import write_proof, write_reverted
from chaos_runner.rollback.rollback import AT_WORK_PATIENCE, RETRY_PAUSE, Reverted, roll_back
from chaos_runner.rollback.verification import verify_hosts
from chaos_runner.verdict.run_reason import RunReason

ROLL_BACK_MARGIN = 20.0
"""Seconds beyond a lease for which roll-back keeps asking a silent host."""
CANCEL_LIMIT = 5.0
"""Seconds in which an injection that is cancelled has ended; the roll-back waits no longer. What of
it is late on a host is refused there once the run is rolled back."""
CLUSTER_PATIENCE = 60.0
"""Seconds for which a fault of the cluster is waited for to be off; its process goes on then."""
OPENING_TRIES = 2
"""How often the connections for the roll-back are tried; preflight has seen them work."""


@contextmanager
def faults_applied(context: RunContext, tripped: Callable[[], bool]) -> Iterator[Heartbeat]:
    """Apply the faults that begin at once, yield while they hold, then roll all back and verify.

    Where a guard has `tripped` or a fault vanished before all were applied, the block is entered
    with those that were. The block's end, an exception in it, a failed injection and a signal all
    lead to the same roll-back. Connections for the roll-back are opened before the first fault;
    where that fails on a host, InjectionError is raised and no host is touched.
    """
    plan = context.plan
    hosts = [plan.inventory.hosts[name] for name in plan.targets]
    lease = min(int(fault.lease) for fault in plan.faults)
    with FleetRescue(hosts) as spare, FleetRescue(_ending_early(plan)) as enders:
        _open(context, spare)
        enders.open()  # where it fails on a host, its faults end over Ansible alone
        context.enders = enders
        heartbeat = Heartbeat(
            hosts, plan.identity.run, lease, context.journal, unreached=plan.one_channel
        )
        cluster = ClusterFaults(context, heartbeat.vanished)
        context.cluster = cluster
        try:
            context.hosts = dict.fromkeys(plan.targets, "unknown")
            context.enter("inject")
            _inject_all(context, heartbeat, tripped)
            yield heartbeat
        finally:
            _put_back(context, heartbeat, cluster, spare)


def _ending_early(plan: Plan) -> list[Host]:
    """Return the hosts that have a fault which ends while another one is still wanted."""
    last = max(fault.end for fault in plan.faults)
    early = {host for fault in plan.faults if fault.end < last for host in fault.targets}
    return [plan.inventory.hosts[name] for name in plan.targets if name in early]


def put_on(context: RunContext, heartbeat: Heartbeat, fault: PlannedFault) -> None:
    """Put one more fault on while others are held, unless the run is over meanwhile.

    Raises InjectionError where it does not take hold on a host.
    """
    closing = context.course.closing
    _put_on(context, heartbeat, fault, closing.is_set)
    if not closing.is_set():
        context.course.put_on(fault, time.monotonic())


def end_fault(context: RunContext, heartbeat: Heartbeat, fault: PlannedFault) -> None:
    """Take one fault back while others go on; what does not answer is left to the roll-back.

    Where another fault waits for that, the hosts are asked again, and the course is stopped where
    one of them does not get free of the fault.
    """
    _release(context, heartbeat, fault)
    if fault.change:
        _end_on_cluster(context, fault)
        return
    which, course = WhichFaults.one(fault.fault), context.course
    deadline = time.monotonic() + max(AT_WORK_PATIENCE, absence_of(fault.kind))
    while True:
        with context.an_ender() as enders:
            _roll_back(context, fault.targets, which, enders, patience=0.0, at_work_patience=0.0)
        left = [host for host in fault.targets if (fault.fault, host) not in context.reverted]
        if not left:
            course.note_off(fault, time.monotonic())
            return
        if not course.is_waited_for(fault) or course.closing.wait(RETRY_PAUSE):
            return
        if time.monotonic() > deadline:
            reason = RunReason(
                code="fault_not_off",
                host=", ".join(left),
                seconds=AT_WORK_PATIENCE,
                count=len(course.never_on()),
            )
            context.stop_course(reason, deviates=False)
            return


def _end_on_cluster(context: RunContext, fault: PlannedFault) -> None:
    if context.cluster and context.cluster.take_back(CLUSTER_PATIENCE, fault.fault):
        context.course.note_off(fault, time.monotonic())
    elif context.course.is_waited_for(fault):
        reason = RunReason(
            code="fault_not_off",
            host=CLUSTER,
            seconds=CLUSTER_PATIENCE,
            count=len(context.course.never_on()),
        )
        context.stop_course(reason, deviates=False)


def _open(context: RunContext, spare: FleetRescue) -> None:
    """Open the connections for the roll-back; raise InjectionError where that fails on a host."""
    errors: dict[str, ChaosRunnerError] = {}
    context.wait_for(f"the roll-back's connections to {', '.join(context.plan.targets)}")
    for _ in range(OPENING_TRIES):
        errors = {
            host: error
            for host, error in spare.open().items()
            if host not in context.plan.one_channel
        }
        if not errors:
            return
    lines = "\n  ".join(error.message for error in errors.values())
    hints = dict.fromkeys(error.hint for error in errors.values() if error.hint)
    message = f"no host was touched, for the SSH channel does not reach all of them:\n  {lines}"
    context.not_applied = message
    context.doubt("inject", RunReason(code="channel_not_open", detail=message))
    raise InjectionError(message, "; ".join(hints))


def _inject_all(context: RunContext, heartbeat: Heartbeat, tripped: Callable[[], bool]) -> None:
    def ended() -> bool:
        context.probe.raise_if_dead()
        return context.interruption.arrived() or bool(heartbeat.vanished) or tripped()

    for fault in context.plan.faults:
        if not fault.change:
            heartbeat.open_for(fault)
    for fault in context.plan.faults:
        if fault.start > 0:
            continue
        if ended():
            break
        _put_on(context, heartbeat, fault, ended)
    context.interruption.raise_if_arrived()


def _put_on(
    context: RunContext, heartbeat: Heartbeat, fault: PlannedFault, ended: Callable[[], bool]
) -> None:
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


def _put_back(
    context: RunContext, heartbeat: Heartbeat, cluster: ClusterFaults, spare: FleetRescue
) -> None:
    """Roll back and verify; no error of a step keeps the next one, or another host, from it."""
    plan = context.plan
    context.course.closing.set()
    context.journal.roll_back_goes_first()
    for fault in plan.faults:
        _release(context, heartbeat, fault)
    heartbeat.stop()
    with context.whatever_happens("inject"):
        context.await_injections(CANCEL_LIMIT)
    with context.whatever_happens("roll-back"):
        context.enter("roll-back")
        context.wait_for(f"{', '.join(plan.touched)} to have the faults off")
    with context.whatever_happens("roll-back"):
        cluster.begin_undo()  # it goes on while hosts are put back, and after it
    results = {host: Reverted(host, "unknown", message="no answer") for host in plan.targets}
    with context.whatever_happens("roll-back"):
        results = _roll_back(
            context,
            plan.targets,
            WhichFaults.of_run(plan.identity.run),
            spare,
            patience=max(max(fault.lease, absence_of(fault.kind)) for fault in plan.faults)
            + ROLL_BACK_MARGIN,
            at_work_patience=AT_WORK_PATIENCE,
        )
    with context.whatever_happens("roll-back"):
        context.await_injections(ROLL_BACK_MARGIN)
    with context.whatever_happens("roll-back"):
        cluster.take_back(CLUSTER_PATIENCE)
    with context.whatever_happens("roll-back"):
        context.await_endings()
        context.raise_if_ending_failed()
    with context.whatever_happens("verify"):
        context.enter("verify")
        context.wait_for(f"{', '.join(plan.touched)} to be looked at")
    _verify(context, results, spare)
    with context.whatever_happens("verify"):
        cluster.verify()
    with context.whatever_happens("verify"):
        heartbeat.close()
        doubt_early_endings(context, heartbeat.vanished)


def _release(context: RunContext, heartbeat: Heartbeat, fault: PlannedFault) -> None:
    """Note for how long a fault was wanted, the first time that it is not wanted any more."""
    if fault.fault in context.needed:
        return
    hosts = () if fault.change else fault.targets
    lapsed = {host for host in hosts if heartbeat.may_have_ended(host)}
    context.release(fault, lapsed)
    heartbeat.release(fault)


def _roll_back(
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
    with context.whatever_happens("verify"):
        proved = verify_hosts(plan.inventory, results, context.ansible, spare, context.owed)
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
