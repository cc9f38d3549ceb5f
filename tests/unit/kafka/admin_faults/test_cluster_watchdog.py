"""How a fault of the cluster ended is told as it was: a run must not hold one that was gone."""

from __future__ import annotations

import io

import pytest
from pydantic import BaseModel

from chaos_runner.kafka.admin_faults import watchdog
from chaos_runner.kafka.admin_faults.protocol.messages import Access, Ended, HoldSettings
from chaos_runner.measurements.cluster_fault import ClusterEnding, ClusterUndo, ThrottleReplication
from chaos_runner.measurements.reading import Reading, said

SETTINGS = HoldSettings(
    access=Access(bootstrap_servers="k1:9092"),
    run="run-1",
    fault="k1_1",
    kind="replication_throttle",
    change=ThrottleReplication(rate=1024),
    brokers=[1],
    lease=30.0,
    cap=60.0,
    record="/nowhere/k1_1.json",
)


class _Cluster:
    """A cluster that is there."""

    def __init__(self, access: Access) -> None:
        self.access = access

    def identity(self) -> str:
        return "c"


class _Change:
    """A change that is in place for as many looks as it is told to be."""

    effect_limit = 1.0
    pause = 0.1

    def __init__(self, looks: int) -> None:
        self._looks = looks

    def prepare(self, cluster: object, undo: ClusterUndo) -> ClusterUndo:
        return undo

    def apply(self, cluster: object, undo: ClusterUndo) -> None:
        pass

    def go_on(self, cluster: object) -> None:
        pass

    def stop(self) -> None:
        pass

    def effect(
        self, cluster: object, undo: ClusterUndo, limit: float
    ) -> tuple[bool, tuple[Reading, ...]]:
        self._looks -= 1
        return self._looks >= 0, (said("the rate is set"),)


@pytest.mark.parametrize(
    ("looks", "orders", "by"),
    [
        (2, "apply undo", "revert"),
        (1, "apply undo", "others"),
        (3, "apply renew undo", "revert"),
        (1, "apply", "lease"),
    ],
)
def test_who_ended_it_is_told(
    looks: int, orders: str, by: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[BaseModel] = []
    kept: list[ClusterEnding] = []
    monkeypatch.setattr(watchdog, "Cluster", _Cluster)
    monkeypatch.setattr(watchdog, "action_of", lambda *_: _Change(looks))
    monkeypatch.setattr(watchdog, "take_back", lambda *_: ())
    monkeypatch.setattr(watchdog, "undo_alone", lambda _: io.StringIO())
    monkeypatch.setattr(watchdog, "_write_ending", lambda _, ending: kept.append(ending))
    monkeypatch.setattr(watchdog, "tell", told.append)
    monkeypatch.setattr("signal.signal", lambda *_: None)
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(orders.split()) + "\n"))
    watchdog.Watchdog(SETTINGS).run()
    (ending,) = kept
    assert ending.by == by
    assert (ending.held is None) is (by == "others")
    assert told[-1] == Ended(ending=ending)
