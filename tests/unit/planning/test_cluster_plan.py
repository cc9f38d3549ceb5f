"""Faults of the cluster in a plan, in a journal, and after a run that could not end by itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from chaos_runner.errors import ProbeError, RefusedError
from chaos_runner.experiment.models import Experiment
from chaos_runner.journal.events import HostVerified, PhaseStarted, UndoRecorded
from chaos_runner.journal.identity import RunIdentity
from chaos_runner.kafka.admin_faults.protocol.records import ClusterRecord, ClusterRecords
from chaos_runner.measurements.cluster_fault import CLUSTER, ClusterEnding, ClusterUndo
from chaos_runner.measurements.cluster_snapshot import ClusterSnapshot
from chaos_runner.planning.fleet_facts import FleetFacts
from chaos_runner.planning.plan import Plan
from chaos_runner.planning.planner import make_plan
from chaos_runner.rollback.cluster_recovery import (
    accepted_cluster,
    ended_fault,
    not_proved,
    open_faults,
    recover_cluster,
    reverted_cluster,
)
from tests.unit.planning.test_planner import INVENTORY, NAMES, WHOLE

UNDO = ClusterUndo(run="run-1", fault="k1_1", kind="leader_move", cluster="c")
THROTTLE = {"replication_throttle": {"rate": "1MiB"}, "targets": {"group": "kafka_broker"}}


def planned(
    *faults: Mapping[str, object], cluster: ClusterSnapshot | ProbeError = WHOLE, **more: object
) -> Plan:
    experiment = Experiment.model_validate({"title": "x", "faults": list(faults), **more})
    return make_plan(
        experiment,
        Path("x.yml"),
        INVENTORY,
        RunIdentity("run-1", "k1"),
        FleetFacts({}, {}),  # no host has to answer
        INVENTORY.group,
        cluster,
    )


def test_the_target_is_the_cluster_and_the_hosts_are_concerned() -> None:
    entry = {**THROTTLE, "targets": {"group": "kafka_broker", "count": 2, "seed": 1}}
    plan = planned(entry)
    (fault,) = plan.faults
    assert fault.targets == [CLUSTER]
    assert plan.targets == ()
    assert plan.touched == (CLUSTER,)
    assert len(plan.exposed) == 2
    assert fault.brokers == {host: [NAMES.index(host) + 1] for host in plan.exposed}
    assert set(fault.control) == set(NAMES) - set(plan.exposed)
    assert sorted(plan.blast_radius.at_risk) == sorted(plan.exposed)
    assert plan.blast_radius.gone == []
    names = {each.name: each.there for each in fault.fail_safes[CLUSTER]}
    assert names["watchdog"]
    assert not names["cluster"]
    plan.refuse_if_unsafe()


def test_a_group_rebalance_concerns_no_broker_and_needs_leave() -> None:
    entry = {"group_rebalance": {"group": "payments", "topics": ["orders"]}}
    cluster = replace(WHOLE, groups=("payments",))
    plan = planned(entry, cluster=cluster)
    assert plan.exposed == ()
    with pytest.raises(RefusedError, match="consumer groups would be disturbed: payments"):
        plan.refuse_if_unsafe()
    planned(entry, cluster=cluster, allow={"groups": ["payments"]}).refuse_if_unsafe()


def test_it_has_its_place_in_a_course() -> None:
    group = {"group_rebalance": {"group": "payments", "topics": ["orders"]}}
    later = {**group, "start": "20s", "repeat": {"times": 2, "every": "1m"}}
    plan = planned({**THROTTLE, "duration": "5s"}, later)
    assert [(fault.kind, fault.start) for fault in plan.faults] == [
        ("replication_throttle", 0.0),
        ("group_rebalance", 20.0),
        ("group_rebalance", 80.0),
    ]
    assert "shows no consumer group `payments`" in plan.faults[1].notes[0]  # it may come


def test_a_cluster_that_does_not_tell_its_brokers_gets_no_fault() -> None:
    with pytest.raises(RefusedError, match="needs to know the cluster's brokers: gone"):
        planned(THROTTLE, cluster=ProbeError("gone"))
    with pytest.raises(RefusedError, match="no live broker advertises an address"):
        planned(THROTTLE, cluster=ClusterSnapshot({}, ()))


def test_two_throttles_of_one_broker_are_refused() -> None:
    with pytest.raises(RefusedError, match="gets replication_throttle twice"):
        planned(THROTTLE, THROTTLE).refuse_if_unsafe()


def test_what_a_journal_does_not_prove_to_be_off_is_open() -> None:
    recorded = UndoRecorded(undo=UNDO)
    clean = HostVerified(host=CLUSTER, state="clean")
    assert not_proved([PhaseStarted(phase="inject"), recorded]) == [UNDO]
    assert not_proved([recorded, HostVerified(host="kafka-1", state="clean")]) == [UNDO]
    assert not_proved([recorded, HostVerified(host=CLUSTER, state="dirty")]) == [UNDO]
    assert not_proved([recorded, clean]) == []


def test_a_torn_record_is_unknown_and_never_clean(tmp_path: Path) -> None:
    records = ClusterRecords(tmp_path)
    records.keep(ClusterRecord(undo=UNDO, bootstrap_servers="k:9092"))
    records.path_of("k1_1").write_text("{")
    (found,) = open_faults(records, "run-1")
    assert found.undo is None
    reverted = recover_cluster([found], records)
    assert reverted is not None
    assert reverted.state == "unknown"
    assert "no whole record" in reverted.message
    assert records.faults() == ["k1_1"]


def test_only_the_faults_of_the_run_are_meant(tmp_path: Path) -> None:
    records = ClusterRecords(tmp_path)
    records.keep(ClusterRecord(undo=UNDO, bootstrap_servers="k:9092"))
    assert open_faults(records, "run-2") == []
    assert len(open_faults(records, "run-1")) == len(open_faults(records)) == 1
    assert recover_cluster([], records) is None


def test_the_cluster_is_as_the_worst_of_its_faults() -> None:
    clean = ended_fault(UNDO, ClusterEnding(by="lease", held=3.0), "")
    dirty = ended_fault(UNDO, ClusterEnding(by="revert", differences=("a is 1",)), "")
    unknown = ended_fault(UNDO, None, "no answer")
    assert (clean.phase, clean.by, clean.held) == ("CLEAN", "lease", 3.0)
    assert reverted_cluster([clean]).state == "clean"
    assert reverted_cluster([clean, dirty]).state == "dirty"
    assert reverted_cluster([dirty, unknown]).state == "unknown"


def test_what_is_accepted_is_kept_on_record(tmp_path: Path) -> None:
    records = ClusterRecords(tmp_path)
    records.keep(ClusterRecord(undo=UNDO, bootstrap_servers="k:9092"))
    dirty = ended_fault(UNDO, ClusterEnding(by="revert", differences=("a is 1",)), "")
    accepted = accepted_cluster(reverted_cluster([dirty]), records)
    assert accepted.state == "clean"
    assert accepted.answer is not None
    assert accepted.answer.faults[0].accepted == ("a is 1",)
    assert records.faults() == []
