"""A host that waits for its fault, or is between two, is renewed in leisure and misses nothing."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest

from chaos_runner.errors import ChaosRunnerError
from chaos_runner.execution.leases.heartbeat import (
    RETRIES_PER_LEASE,
    SLOW_RENEWALS_PER_LEASE,
    Heartbeat,
)
from chaos_runner.execution.leases.lease import Lease
from chaos_runner.fleet.guard_answers.fault_answers import RenewAnswer
from chaos_runner.hosts.ssh.fleet_channel import FleetRescue
from tests.unit.execution.made_up_hosts import MadeUpHosts, MadeUpRescue, bench_of, unreachable


def test_a_lease_counts_from_the_fault_that_is_on_and_not_from_one_that_is_over() -> None:
    lease = Lease(20)
    lease.confirm("first", now=0)
    lease.heard(["first"], now=10)
    assert lease.is_over([], now=31)
    assert not lease.is_over(["first"], now=31)
    lease.confirm("second", now=100, released=["first"])
    assert not lease.is_over(["first"], now=119)
    assert lease.is_over(["first"], now=121)


def test_a_second_fault_does_not_prolong_the_lease_of_one_that_is_still_wanted() -> None:
    lease = Lease(20)
    lease.confirm("first", now=0)
    lease.confirm("second", now=15, released=[])
    assert lease.is_over([], now=21)


def test_a_host_that_has_no_guard_yet_is_not_asked_again_and_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Bare(MadeUpHosts):
        def renew(self, host: str) -> RenewAnswer | ChaosRunnerError:
            return unreachable(host)

    hosts = Bare()
    with bench_of(tmp_path, monkeypatch, hosts) as bench:
        plan = bench.context.plan
        wanted = list(plan.inventory.hosts.values())
        heartbeat = Heartbeat(wanted, plan.identity.run, 2, bench.context.journal)
        rescue = cast(FleetRescue, type("Rescue", (MadeUpRescue,), {"hosts": hosts})(wanted))
        assert heartbeat._renew("k1", rescue) == SLOW_RENEWALS_PER_LEASE
        heartbeat.expect(plan.faults[0])
        assert heartbeat._renew("k1", rescue) == RETRIES_PER_LEASE
        heartbeat.close()
