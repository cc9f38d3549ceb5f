"""The undo of faults of the cluster: what is kept, what is restored, and what is left alone."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from chaos_runner.errors import UsageError
from chaos_runner.kafka.admin_faults.leader_moving import moves_of
from chaos_runner.kafka.admin_faults.protocol.messages import Access
from chaos_runner.kafka.admin_faults.protocol.records import (
    ClusterRecord,
    ClusterRecords,
    Holder,
    started_of,
    this_process,
)
from chaos_runner.kafka.admin_faults.restoring import restoring
from chaos_runner.kafka.admin_faults.throttling import entries
from chaos_runner.kafka.client_config.client_settings import client_settings
from chaos_runner.kafka.client_config.kafka_python import properties_of
from chaos_runner.measurements.cluster_fault import (
    ClusterUndo,
    ConfigBefore,
    ReplicasBefore,
    SwitchedHost,
    SwitchPower,
    ThrottleReplication,
)
from chaos_runner.measurements.cluster_snapshot import Broker, ClusterSnapshot, Partition
from chaos_runner.rollback.cluster_recovery import OpenFault, open_faults, recover_cluster

RATE = ConfigBefore(resource="broker", name="2", key="rate", before=None, during="1024")
LISTED = ConfigBefore(resource="topic", name="a", key="replicas", before="1:9", during="0:2")
MOVED = ReplicasBefore(topic="a", partition=0, before=(2, 1, 3), during=(1, 3, 2), leader=2)
TURNED = ReplicasBefore(topic="a", partition=1, before=(1, 2, 3), during=(3, 1, 2), leader=2)
UNDO = ClusterUndo(
    run="r", fault="k1_1", kind="any", cluster="c", configs=(RATE, LISTED), replicas=(MOVED,)
)
PLACES = {("broker", "2", "rate"): "1024", ("topic", "a", "replicas"): "0:2"}


def partition(topic: str, number: int, leader: int, *replicas: int) -> Partition:
    return Partition(topic, number, leader, replicas, replicas)


def record() -> ClusterRecord:
    return ClusterRecord(
        undo=UNDO,
        bootstrap_servers="k:9092",
        client={"sasl.password": "${env:PASSWORD}"},
        holder=this_process(),
    )


def test_a_record_is_read_as_it_was_written_and_by_nobody_else(tmp_path: Path) -> None:
    records = ClusterRecords(tmp_path)
    records.keep(record())
    assert records.faults() == ["k1_1"]
    assert records.read("k1_1") == record()
    assert stat.S_IMODE(records.path_of("k1_1").stat().st_mode) == 0o600
    assert stat.S_IMODE(records.directory.stat().st_mode) == 0o700
    records.drop("k1_1")
    records.drop("k1_1")
    assert records.faults() == []


@pytest.mark.parametrize("content", ["", "{", '{"undo": {}}', "[]"])
def test_a_torn_record_is_refused_and_not_taken_for_none(tmp_path: Path, content: str) -> None:
    records = ClusterRecords(tmp_path)
    records.keep(record())
    records.path_of("k1_1").write_text(content)
    assert records.faults() == ["k1_1"]
    with pytest.raises(UsageError, match="no whole record"):
        records.read("k1_1")


@pytest.mark.parametrize("change", ["mode", "owner"])
def test_a_record_that_others_may_have_written_is_not_used(tmp_path: Path, change: str) -> None:
    records = ClusterRecords(tmp_path)
    records.keep(record())
    path = records.path_of(record().undo.fault)
    if change == "mode":
        path.chmod(0o666)
    elif os.geteuid() == 0:
        os.chown(path, 65534, -1)
    else:
        path.unlink()
        path.symlink_to("/etc/passwd")  # whose owner is root, which is trusted; no record is in it
    with pytest.raises(UsageError, match=r"what others want|no whole record"):
        records.read(record().undo.fault)
    [found] = open_faults(records)
    assert found.undo is None
    assert found.problem


def test_a_holder_is_alive_only_as_the_very_process_it_was() -> None:
    assert this_process().is_alive()
    assert not Holder(process=os.getpid(), started="1").is_alive()
    assert started_of(2**22 + 1) == ""


def test_what_has_the_faults_own_value_is_restored() -> None:
    left = restoring(UNDO.configs, UNDO.replicas, PLACES, {("a", 0): (1, 3, 2)})
    assert left.configs == (RATE, LISTED)
    assert left.replicas == (MOVED,)
    assert left.differences == ()


def test_what_is_as_before_or_gone_needs_nothing() -> None:
    values = {("broker", "2", "rate"): None}
    left = restoring(UNDO.configs, UNDO.replicas, values, {("a", 0): (2, 1, 3)})
    assert not left.needed
    assert left.differences == ()


def test_what_somebody_else_changed_stays_and_is_told() -> None:
    values = {("broker", "2", "rate"): "7", ("topic", "a", "replicas"): None}
    left = restoring(UNDO.configs, UNDO.replicas, values, {("a", 0): (3, 2, 1)})
    assert not left.needed
    assert left.differences == (
        "broker 2: rate was not set, is `7` by somebody else",
        "topic a: replicas was `1:9`, is not set by somebody else",
        "a-0 had the replicas 2,1,3, has 3,2,1 by somebody else",
    )


def test_an_undo_that_died_half_way_goes_on() -> None:
    assert TURNED.returning == (2, 1, 3)
    assert MOVED.returning == MOVED.before
    assert restoring((), (TURNED,), {}, {("a", 1): (2, 1, 3)}).replicas == (TURNED,)


def test_a_leader_that_was_not_preferred_is_given_back_though_the_order_was_the_same() -> None:
    same = ReplicasBefore(topic="a", partition=2, before=(1, 2), during=(1, 2), leader=2)
    order = {("a", 2): (1, 2)}
    assert restoring((), (same,), {}, order, {("a", 2)}).replicas == (same,)
    assert not restoring((), (same,), {}, order).needed


def test_a_throttle_names_the_replicas_on_the_brokers_alone() -> None:
    snapshot = ClusterSnapshot(
        {1: Broker("a", 1), 2: Broker("b", 1)},
        (
            partition("a", 0, 1, 1, 2),
            partition("a", 1, 2, 2, 3),
            partition("b", 0, 1, 1, 3),
            partition("logs-1", 0, 2, 2, 1),
        ),
    )
    change = ThrottleReplication(rate=1024, topics=("a", "b"))
    found = {(each.name, each.key): each.during for each in entries(snapshot, change, [2])}
    assert found == {
        ("2", "leader.replication.throttled.rate"): "1024",
        ("2", "follower.replication.throttled.rate"): "1024",
        ("a", "leader.replication.throttled.replicas"): "0:2,1:2",
        ("a", "follower.replication.throttled.replicas"): "0:2,1:2",
    }


def test_leaders_move_to_brokers_in_sync_in_turns() -> None:
    partitions = [
        partition("a", 0, 2, 2, 1, 3),
        partition("a", 1, 2, 2, 1, 3),
        partition("a", 2, 1, 1, 2, 3),
        Partition("a", 3, 2, (2, 1, 3), (2, 3)),
        Partition("a", 4, 2, (2, 1), (2,)),
        partition("b", 0, 2, 2, 1),
    ]
    moves = list(moves_of(partitions, ["a"], [2]))
    assert [(each.partition, each.during) for each in moves] == [
        (0, (1, 3, 2)),
        (1, (3, 1, 2)),
        (3, (3, 1, 2)),
    ]
    assert {each.leader for each in moves} == {2}


def test_a_login_that_cannot_move_leaders_is_refused() -> None:
    oidc = {"security.protocol": "SASL_SSL", "sasl.mechanism": "OAUTHBEARER"}
    with pytest.raises(UsageError, match="a login by OAUTHBEARER"):
        properties_of(client_settings("k:9092", oidc), "leaders cannot be moved")


def test_client_properties_get_their_other_names() -> None:
    scram = {
        "security.protocol": "SASL_PLAINTEXT",
        "sasl.mechanism": "SCRAM-SHA-512",
        "sasl.username": "ops",
        "sasl.password": "secret",
    }
    assert properties_of(client_settings("k1:9092,k2:9092", scram), "") == {
        "bootstrap_servers": ["k1:9092", "k2:9092"],
        "security_protocol": "SASL_PLAINTEXT",
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": "ops",
        "sasl_plain_password": "secret",
    }


def test_what_stands_in_a_journal_alone_switches_nothing_on(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    # Nothing listens there, and its address is not one that a packet could leave for.
    off = SwitchedHost(
        host="k2", address="not-there.invalid", port=22, off=("true",), on=("touch", str(mark))
    )
    undo = UNDO.model_copy(update={"configs": (), "replicas": (), "power": (off,)})
    access = Access(bootstrap_servers="127.0.0.1:1")
    by_journal = OpenFault(undo.fault, undo, access, problem="do it yourself")
    reverted = recover_cluster([by_journal], ClusterRecords(tmp_path / "state"))
    assert reverted is not None
    assert (reverted.state, reverted.message) == ("unknown", "do it yourself")
    assert not mark.exists()


def test_the_machines_are_part_of_what_was_before() -> None:
    change = SwitchPower(off=("a", "{host}"), on=("b", "{address}"))
    host = change.on_host("k2", "192.0.2.2", 22)
    on = UNDO.model_copy(update={"power": (host,)})
    assert on.fingerprint != UNDO.fingerprint
