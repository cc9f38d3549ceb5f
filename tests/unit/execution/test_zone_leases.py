"""What the control node makes of a zone whose execution node renews, is silent, or has died."""

from __future__ import annotations

import math
import time
from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from chaos_runner.errors import ChaosRunnerError
from chaos_runner.execution.leases import heartbeat as module
from chaos_runner.execution.leases.heartbeat import Heartbeat
from chaos_runner.fleet.guard_answers.fault_answers import RenewAnswer, RenewedFault
from chaos_runner.fleet.inventory import Host
from chaos_runner.journal.events import PlannedFault
from tests.unit.execution.made_up_hosts import MadeUpHosts, bench_of
from tests.unit.execution.test_heartbeat import wait_for

LEASE = 2


class MadeUpZone:
    """An execution node of a test's making."""

    def __init__(self, node: Host, hosts: Collection[Host], run: str, lease: int) -> None:
        self.said: list[tuple[object, ...]] = [("made", node.name, lease)]
        self.heard = 0.0
        self.reply: RenewAnswer | ChaosRunnerError = ChaosRunnerError("silent")
        zones.append(self)

    def open(self, hosts: Collection[str]) -> None:
        self.said.append(("open", *hosts))

    def await_open(self, host: str, limit: float) -> None:
        """Wait for nothing."""

    def hold(self, fault: str, host: str, seconds: float) -> None:
        self.said.append(("hold", fault, host, seconds))

    def release(self, fault: str) -> None:
        self.said.append(("release", fault))

    def stop(self) -> None:
        self.said.append(("stop",))

    def close(self) -> None:
        self.said.append(("close",))

    def heard_for(self) -> float:
        return self.heard

    def answer(self, host: str, limit: float) -> RenewAnswer | ChaosRunnerError:
        time.sleep(0.01)
        return self.reply


zones: list[MadeUpZone] = []


@pytest.fixture
def zoned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Heartbeat, PlannedFault, MadeUpZone]]:
    """Return the heartbeat of a host in a zone, with its fault on, and the zone."""
    zones.clear()
    monkeypatch.setattr(module, "ZoneLeases", MadeUpZone)
    with bench_of(tmp_path, monkeypatch, MadeUpHosts()) as bench:
        plan = bench.context.plan
        node = Host("node", "192.0.2.1")
        hosts = [replace(each, through=node) for each in plan.inventory.hosts.values()]
        heartbeat = Heartbeat(hosts, plan.identity.run, LEASE, bench.context.journal)
        fault = plan.faults[0]
        heartbeat.expect(fault)
        heartbeat.confirm(fault, "k1")
        try:
            yield heartbeat, fault, zones[0]
        finally:
            heartbeat.close()


def test_the_node_is_told_what_to_renew_and_for_how_long(
    zoned: tuple[Heartbeat, PlannedFault, MadeUpZone],
) -> None:
    heartbeat, fault, zone = zoned
    heartbeat.release(fault)
    heartbeat.stop()
    assert zone.said == [
        ("made", "node", LEASE),
        ("open", "k1"),
        ("hold", fault.fault, "k1", fault.duration),
        ("release", fault.fault),
        ("stop",),
    ]


def test_a_node_that_is_silent_has_lost_no_fault(
    zoned: tuple[Heartbeat, PlannedFault, MadeUpZone],
) -> None:
    heartbeat, _, _ = zoned
    time.sleep(2 * LEASE)
    assert heartbeat.vanished == {}
    assert not heartbeat.may_have_ended("k1")


def test_a_node_whose_program_has_ended_renews_nothing(
    zoned: tuple[Heartbeat, PlannedFault, MadeUpZone],
) -> None:
    heartbeat, _, zone = zoned
    zone.heard = math.inf
    wait_for(lambda: "k1" in heartbeat.vanished, "the lease counts as over")
    assert "no renewal reached the host" in heartbeat.vanished["k1"]


def test_what_a_host_says_after_a_cut_counts(
    zoned: tuple[Heartbeat, PlannedFault, MadeUpZone],
) -> None:
    heartbeat, fault, zone = zoned
    on = RenewedFault(fault=fault.fault, phase="ACTIVE", effect=True)
    zone.reply = RenewAnswer(ok=True, verb="renew", faults=(on,))
    time.sleep(LEASE)
    assert heartbeat.vanished == {}
    zone.reply = RenewAnswer(ok=False, verb="renew", error="no fault of the run is active")
    wait_for(lambda: "k1" in heartbeat.vanished, "the fault vanished")
