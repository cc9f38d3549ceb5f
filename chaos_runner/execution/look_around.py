"""Look once more, right before the first host is touched, at what the plan was made upon."""

from __future__ import annotations

from collections.abc import Sequence

from chaos_runner.blast_radius.permission import forbidden_by
from chaos_runner.errors import ChaosRunnerError, ProbeError, RefusedError
from chaos_runner.execution.context import RunContext
from chaos_runner.fleet.guard_answers.preflight_facts import PreflightFacts
from chaos_runner.hosts.ssh.fleet_channel import FleetRescue
from chaos_runner.journal.events import PlannedFault
from chaos_runner.measurements.cluster_snapshot import ClusterSnapshot
from chaos_runner.planning.blast_radius_check import look_at_cluster, radius_of, targets_of
from chaos_runner.planning.kafka_roles import Eyes, role_holders
from chaos_runner.planning.plan import Plan
from chaos_runner.verdict.run_reason import RunReason


def reason_to_stay_away(context: RunContext) -> RunReason | None:
    """Return why no host may be touched although the plan was good when it was made.

    Others would be hurt who were safe then, or the targets are not any more what they were
    chosen for. None where all is as it was.
    """
    plan = context.plan
    by_role = [entry for entry in plan.experiment.faults if entry.targets.role]
    if plan.harm_stays_unknown and not by_role:
        return None
    context.wait_for("another look at whom the faults would hurt")
    cluster = look_at_cluster(plan.experiment, plan.experiment_file, plan.inventory)
    context.interruption.raise_if_arrived()
    if by_role and (moved := moved_role(plan, cluster, plan.faults)):
        return RunReason(code="role_moved", detail=moved)
    if plan.harm_stays_unknown:
        return None
    targeted = targets_of(plan.experiment, plan.faults)
    radius = radius_of(targeted, plan.inventory, cluster, plan.facts)
    for problem in forbidden_by(radius, plan.experiment.allow):
        return RunReason(code="harm_not_allowed", detail=problem.text)
    return None


def moved_role(
    plan: Plan, cluster: ClusterSnapshot | ProbeError, faults: Sequence[PlannedFault]
) -> str:
    """Return which target does not play its part any more, in words; nothing where all do."""
    known = None if isinstance(cluster, ProbeError) else cluster
    eyes = Eyes(plan.inventory, known, {**plan.facts, **_heard_again(plan, faults)})
    for fault in faults:
        entry = plan.experiment.faults[fault.occurrence.entry]
        if not entry.targets.role:
            continue
        candidates = [
            host for host in plan.inventory.hosts if host in {*fault.chosen, *fault.control}
        ]
        try:
            holders = role_holders(entry.targets, candidates, eyes)
        except RefusedError as error:
            return error.message
        if not set(fault.chosen) <= set(holders):
            return (
                f"{fault.chosen_as} is {', '.join(holders)} by now, and was "
                f"{', '.join(fault.chosen)} when the plan was made"
            )
    return ""


def _heard_again(plan: Plan, faults: Sequence[PlannedFault]) -> dict[str, PreflightFacts]:
    """Return what the hosts say now among which an active controller was looked for."""
    asked = {
        host
        for fault in faults
        if plan.experiment.faults[fault.occurrence.entry].targets.controller
        for host in (*fault.chosen, *fault.control)
        if host in plan.facts and host not in plan.one_channel
    }
    if not asked:
        return {}
    with FleetRescue([plan.inventory.hosts[name] for name in sorted(asked)]) as rescue:
        answers = rescue.preflight()
    return {
        host: answer for host, answer in answers.items() if not isinstance(answer, ChaosRunnerError)
    }
