"""Give a cluster that is still recovering the time to do so, before its state refuses a run.

The broker of the experiment before has just come back: for some seconds it is missing, or not
yet in sync, and the next experiment would hurt others now that could not hurt them in a moment.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from chaos_runner.blast_radius.blast_radius import BlastRadius
from chaos_runner.blast_radius.permission import forbidden_by
from chaos_runner.errors import ProbeError
from chaos_runner.measurements.cluster_snapshot import ClusterSnapshot
from chaos_runner.planning.blast_radius_check import look_at_cluster, radius_of, targets_of
from chaos_runner.planning.plan import Plan

SETTLE_LIMIT = 30.0
"""Seconds; as long as a probe waits for brokers that are starting."""
LOOK_EVERY = 2.0

Look = Callable[[], ClusterSnapshot | ProbeError]


def settled(plan: Plan, cluster: ClusterSnapshot | ProbeError) -> Plan:
    """Return the plan with the cluster as it is once it has settled, after half a minute at most.

    `cluster` is the one that the plan was made with. A cluster that does not answer, or whose
    weakness would not matter, is not waited for.
    """
    return settled_by(
        plan,
        cluster,
        lambda: look_at_cluster(plan.experiment, plan.experiment_file, plan.inventory),
    )


def settled_by(
    plan: Plan,
    cluster: ClusterSnapshot | ProbeError,
    look: Look,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Plan:
    """Do what `settled` does, with the eyes and the clock given."""
    deadline = clock() + SETTLE_LIMIT
    while _may_pass(plan, cluster) and clock() < deadline:
        sleep(LOOK_EVERY)
        cluster = look()
        plan = replace(plan, blast_radius=_radius(plan, cluster))
    return plan


def _may_pass(plan: Plan, cluster: ClusterSnapshot | ProbeError) -> bool:
    """Tell whether the plan is forbidden, and might not be when every broker is back."""
    allowed = plan.experiment.allow
    if isinstance(cluster, ProbeError) or not forbidden_by(plan.blast_radius, allowed):
        return False
    whole = _radius(plan, cluster.recovered())
    forbidden = forbidden_by(whole.model_copy(update={"unknown": ""}), allowed)
    return not forbidden


def _radius(plan: Plan, cluster: ClusterSnapshot | ProbeError) -> BlastRadius:
    return radius_of(targets_of(plan.experiment, plan.faults), plan.inventory, cluster, plan.facts)
