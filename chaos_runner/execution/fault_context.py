"""Hold faults on hosts for the length of a `with` block, and always take them back after it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from chaos_runner.errors import ChaosRunnerError, InjectionError
from chaos_runner.execution.cluster.cluster_faults import ClusterFaults
from chaos_runner.execution.context import RunContext
from chaos_runner.execution.injection import put_on
from chaos_runner.execution.leases.heartbeat import Heartbeat
from chaos_runner.execution.leases.login_watch import LoginWatch
from chaos_runner.execution.put_back import put_back
from chaos_runner.fleet.inventory import Host
from chaos_runner.hosts.ssh.fleet_channel import FleetRescue
from chaos_runner.planning.plan import Plan
from chaos_runner.verdict.run_reason import RunReason

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
        context.threads.connections = enders
        heartbeat = Heartbeat(
            hosts, plan.identity.run, lease, context.journal, unreached=plan.one_channel
        )
        cluster = ClusterFaults(context, heartbeat.vanished)
        context.cluster = cluster
        with LoginWatch(
            hosts,
            plan.faults,
            context.owed,
            plan.one_channel,
            context.course.closing,
            context.journal,
        ):
            try:
                context.hosts = dict.fromkeys(plan.targets, "unknown")
                context.enter("inject")
                _inject_all(context, heartbeat, tripped)
                yield heartbeat
            finally:
                put_back(context, heartbeat, cluster, spare)


def _ending_early(plan: Plan) -> list[Host]:
    """Return the hosts that have a fault which ends while another one is still wanted."""
    last = max(fault.end for fault in plan.faults)
    early = {host for fault in plan.faults if fault.end < last for host in fault.targets}
    return [plan.inventory.hosts[name] for name in plan.targets if name in early]


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

    heartbeat.open_for(fault for fault in context.plan.faults if not fault.change)
    for fault in context.plan.faults:
        if fault.start > 0:
            continue
        if ended():
            break
        put_on(context, heartbeat, fault, ended)
    context.interruption.raise_if_arrived()
