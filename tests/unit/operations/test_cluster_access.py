"""How `recover` reaches the cluster: by the record, else by what the command line names."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from chaos_runner.cli.options.experiment import asked_experiment
from chaos_runner.errors import UsageError
from chaos_runner.fleet.inventory import Host, Inventory
from chaos_runner.kafka.admin_faults.protocol.messages import UndoSettings
from chaos_runner.kafka.admin_faults.protocol.records import ClusterRecord, ClusterRecords
from chaos_runner.measurements.cluster_fault import ClusterEnding, ClusterUndo
from chaos_runner.operations.fleet import FleetSession
from chaos_runner.operations.recovery.cluster_faults import access_named, take_back_on_cluster
from chaos_runner.workspace import state_directory

UNDO = ClusterUndo(run="run-1", fault="k1_1", kind="leader_move", cluster="c")


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FleetSession:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    inventory = Inventory(Path("hosts.yml"), {"k1": Host("k1", "127.0.0.1")}, {})
    return cast("FleetSession", SimpleNamespace(inventory=inventory))


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[UndoSettings]:
    """Let the cluster be as before, and keep how it was to be reached."""
    kept: list[UndoSettings] = []

    def undo_once(settings: UndoSettings) -> ClusterEnding:
        kept.append(settings)
        return ClusterEnding(by="revert", differences=())

    monkeypatch.setattr("chaos_runner.rollback.cluster_recovery.undo_once", undo_once)
    return kept


def keep(properties_file: str) -> None:
    """Keep the record of a fault in the state directory."""
    record = ClusterRecord(undo=UNDO, bootstrap_servers="k1:9092", properties_file=properties_file)
    ClusterRecords(state_directory()).keep(record)


def taken_back(session: FleetSession, **named: str) -> str:
    access = access_named(session, asked_experiment(None, kafka=named).kafka)
    reverted = take_back_on_cluster(session, None, Path("runs"), access)
    assert reverted is not None
    return reverted.state


def properties_file(directory: Path, text: str) -> str:
    file = directory / "admin.properties"
    file.write_text(text)
    file.chmod(0o600)
    return str(file)


def test_the_record_has_the_runs_own_properties(
    session: FleetSession, asked: list[UndoSettings], tmp_path: Path
) -> None:
    keep(properties_file=properties_file(tmp_path, "security.protocol=SSL\n"))
    assert taken_back(session) == "clean"
    (one,) = asked
    assert one.access.bootstrap_servers == "k1:9092"
    assert [each.name for each in one.access.in_file] == ["security.protocol"]


def test_a_file_that_is_named_counts_where_the_runs_own_is_gone(
    session: FleetSession, asked: list[UndoSettings], tmp_path: Path
) -> None:
    keep(properties_file=str(tmp_path / "gone.properties"))
    assert taken_back(session) == "unknown"
    assert not asked
    file = properties_file(tmp_path, "bootstrap.servers=k9:9093\nsecurity.protocol=SSL\n")
    assert taken_back(session, properties_file=file) == "clean"
    (one,) = asked
    assert one.access.bootstrap_servers == "k9:9093"
    assert "security.protocol" in {each.name for each in one.access.in_file}


def test_servers_are_those_named_before_those_of_the_inventory(session: FleetSession) -> None:
    kafka = asked_experiment(None, kafka={"bootstrap_servers": "k7:9092"}).kafka
    named = access_named(session, kafka)
    assert named is not None
    assert named.bootstrap_servers == "k7:9092"
    assert access_named(session, asked_experiment(None, kafka={}).kafka) is None


def test_a_file_without_servers_needs_brokers_in_the_inventory(
    session: FleetSession, tmp_path: Path
) -> None:
    file = properties_file(tmp_path, "security.protocol=SSL\n")
    kafka = asked_experiment(None, kafka={"properties_file": file}).kafka
    with pytest.raises(UsageError, match="kafka_broker"):
        access_named(session, kafka)
