"""Faults of the cluster for `plan`, `recover`, `halt` and `audit`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chaos_runner.errors import ProbeError
    from chaos_runner.experiment.settings import KafkaSettings
    from chaos_runner.kafka.admin_faults.protocol.messages import Access
    from chaos_runner.measurements.cluster_snapshot import ClusterSnapshot
    from chaos_runner.operations.fleet import FleetSession
    from chaos_runner.planning.plan import Plan
    from chaos_runner.rollback.recovery_journal import Recoveries
    from chaos_runner.rollback.rollback import Reverted


def with_open_faults(plan: Plan, cluster: ClusterSnapshot | ProbeError) -> Plan:
    """Return the plan with what stands against it: an earlier fault of the cluster is still on.

    One of another cluster does not count, where the cluster tells which one it is.
    """
    from chaos_runner.errors import ProbeError
    from chaos_runner.fleet.preflight import Problem
    from chaos_runner.kafka.admin_faults.protocol.records import ClusterRecords
    from chaos_runner.measurements.cluster_fault import CLUSTER
    from chaos_runner.rollback.cluster_recovery import open_faults
    from chaos_runner.workspace import state_directory

    here = "" if isinstance(cluster, ProbeError) else cluster.cluster
    problems = [
        Problem(
            f"{each.undo.kind} of run {each.undo.run} may still be on"
            if each.undo
            else f"a fault may still be on: {each.problem}",
            "let that run end, or take it back with `chaos-runner recover --all`",
        )
        for each in open_faults(ClusterRecords(state_directory()))
        if each.undo is None or here in ("", each.undo.cluster)
        if not (each.record and each.record.ending and not each.record.ending.differences)
    ]
    return replace(plan, problems={**plan.problems, CLUSTER: problems}) if problems else plan


def access_named(session: FleetSession, kafka: KafkaSettings) -> Access | None:
    """Return how to reach the cluster by what a command line names; None where it names nothing.

    Without servers, there or in its file, they are the inventory's brokers. Raises UsageError.
    """
    from chaos_runner.kafka.admin_faults.protocol.messages import Access
    from chaos_runner.planning.kafka_access import known_servers
    from chaos_runner.planning.plan import NO_FILE

    if not (kafka.bootstrap_servers or kafka.properties_file):
        return None
    servers = known_servers(kafka, NO_FILE) or session.inventory.bootstrap_servers()
    return Access(bootstrap_servers=servers, in_file=list(kafka.in_file(NO_FILE)))


def take_back_on_cluster(
    session: FleetSession, run: str | None, runs_directory: Path, access: Access | None = None
) -> Reverted | None:
    """Take back the cluster faults of a run, or of all; None where there are none.

    The state directory is asked first, and for a run its journal as well. With `access` that is
    the way to the cluster of each of them.
    """
    from chaos_runner.errors import UsageError
    from chaos_runner.kafka.admin_faults.protocol.messages import Access
    from chaos_runner.kafka.admin_faults.protocol.records import ClusterRecords
    from chaos_runner.rollback.cluster_recovery import (
        journalled_faults,
        open_faults,
        recover_cluster,
    )
    from chaos_runner.workspace import state_directory

    records = ClusterRecords(state_directory())
    found = {each.fault: each for each in open_faults(records, run)}
    if run is not None:
        try:
            way = access or Access(bootstrap_servers=session.inventory.bootstrap_servers())
            journalled = journalled_faults(run, runs_directory, way)
        except UsageError:  # what the state directory has is taken back all the same
            journalled = []
        for each in journalled:
            known = found.get(each.fault)
            if known is None or known.undo is None:
                found[each.fault] = each
    return recover_cluster(
        [replace(each, access=access or each.access) for each in found.values()], records
    )


def look_on_cluster() -> Reverted | None:
    """Return how the cluster is by the faults that the state directory knows; None without any."""
    from chaos_runner.kafka.admin_faults.protocol.records import ClusterRecords
    from chaos_runner.rollback.cluster_recovery import look_at_cluster_faults, open_faults
    from chaos_runner.workspace import state_directory

    return look_at_cluster_faults(open_faults(ClusterRecords(state_directory())))


def accept_on_cluster(reverted: Reverted, recoveries: Recoveries) -> Reverted:
    """Take the cluster as it is, where somebody else changed it, and write that down."""
    from chaos_runner.kafka.admin_faults.protocol.records import ClusterRecords
    from chaos_runner.rollback.cluster_recovery import accepted_cluster
    from chaos_runner.workspace import state_directory

    accepted = accepted_cluster(reverted, ClusterRecords(state_directory()))
    recoveries.tell([accepted])
    return accepted
