"""Each host's lease is renewed in its own time, from before its fault is known to be on."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from chaos_runner.errors import ChaosRunnerError
from chaos_runner.execution.leases.heartbeat import Heartbeat
from chaos_runner.fleet.guard_answers.fault_answers import RenewAnswer, RenewedFault
from chaos_runner.journal.events import LeaseRenewed, PlannedFault
from tests.unit.execution.made_up_hosts import MadeUpHosts, bench_of, unreachable

LIMIT = 60.0
NOTHING_ACTIVE = RenewAnswer(ok=False, verb="renew", error="no fault of the run is active")


def wait_for(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + LIMIT
    while not condition():
        assert time.monotonic() < deadline, f"not within {LIMIT} s: {what}"
        time.sleep(0.02)


@pytest.fixture
def beat(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., object]:
    """Return a context manager that renews on made-up hosts, and yields the bench as well."""

    @contextmanager
    def begin(hosts: MadeUpHosts) -> Iterator[tuple[Heartbeat, PlannedFault, list[LeaseRenewed]]]:
        with bench_of(tmp_path, monkeypatch, hosts) as bench:
            plan = bench.context.plan
            wanted = list(plan.inventory.hosts.values())
            heartbeat = Heartbeat(wanted, plan.identity.run, 2, bench.context.journal)
            try:
                yield heartbeat, plan.faults[0], bench.of(LeaseRenewed)  # type: ignore[misc]
            finally:
                heartbeat.close()

    return begin


def test_a_silent_host_costs_no_other_its_lease(beat: Callable[..., object]) -> None:
    over = threading.Event()

    class OneHangs(MadeUpHosts):
        def renew(self, host: str) -> RenewAnswer | ChaosRunnerError:
            if host != "k9":
                over.wait(LIMIT)
                return unreachable(host)
            return super().renew(host)

    names = [f"k{number}" for number in range(10)]  # more than may go at a time
    hosts = OneHangs(*names)
    with beat(hosts) as (heartbeat, fault, _):  # type: ignore[attr-defined]
        heartbeat.expect(fault)
        wait_for(lambda: hosts.renewed.count("k9") >= 3, "k9 is renewed while nine hosts hang")
        over.set()


def test_what_a_host_says_before_it_has_the_fault_is_no_vanishing(
    beat: Callable[..., object],
) -> None:
    class NotYet(MadeUpHosts):
        on = False
        asked = 0

        def renew(self, host: str) -> RenewAnswer | ChaosRunnerError:
            self.asked += 1
            return super().renew(host) if self.on else NOTHING_ACTIVE

    hosts = NotYet()
    with beat(hosts) as (heartbeat, fault, _):  # type: ignore[attr-defined]
        heartbeat.expect(fault)
        wait_for(lambda: hosts.asked >= 2, "the host is asked before it has the fault")
        assert heartbeat.vanished == {}
        hosts.on = True
        wait_for(lambda: bool(hosts.renewed), "the lease is renewed once it has")
        hosts.on = False  # it has said that it has the fault, though the playbook has not ended
        wait_for(lambda: bool(heartbeat.vanished), "the fault vanished")


def test_a_fault_that_is_missing_beside_another_has_vanished(beat: Callable[..., object]) -> None:
    class OneOfTwo(MadeUpHosts):
        def renew(self, host: str) -> RenewAnswer | ChaosRunnerError:
            other = RenewedFault(fault="another", phase="ACTIVE", effect=True)
            return RenewAnswer(ok=True, verb="renew", faults=(other,))

    with beat(OneOfTwo()) as (heartbeat, fault, _):  # type: ignore[attr-defined]
        heartbeat.confirm(fault, "k1")
        heartbeat.expect(fault)
        wait_for(lambda: "k1" in heartbeat.vanished, "the fault vanished")
        assert "no longer active" in heartbeat.vanished["k1"]


def test_a_busy_host_has_not_lost_its_fault(beat: Callable[..., object]) -> None:
    class Busy(MadeUpHosts):
        asked = 0

        def renew(self, host: str) -> RenewAnswer | ChaosRunnerError:
            self.asked += 1
            if self.asked < 3:
                return RenewAnswer(ok=False, verb="renew", busy=True, error="the lock is held")
            return super().renew(host)

    hosts = Busy()
    with beat(hosts) as (heartbeat, fault, _):  # type: ignore[attr-defined]
        heartbeat.confirm(fault, "k1")
        heartbeat.expect(fault)
        wait_for(lambda: bool(hosts.renewed), "it is asked again, and renewed")
        assert heartbeat.vanished == {}


def test_a_fault_that_is_taken_back_is_not_missed(beat: Callable[..., object]) -> None:
    class Gone(MadeUpHosts):
        asked = 0

        def renew(self, host: str) -> RenewAnswer | ChaosRunnerError:
            self.asked += 1
            return NOTHING_ACTIVE

    hosts = Gone()
    with beat(hosts) as (heartbeat, fault, _):  # type: ignore[attr-defined]
        heartbeat.confirm(fault, "k1")
        heartbeat.release(fault)
        heartbeat.expect(fault)
        wait_for(lambda: hosts.asked >= 2, "the host is asked")
        assert heartbeat.vanished == {}
        assert not heartbeat.may_have_ended("k1")


def test_the_silence_of_a_host_that_the_fault_itself_takes_away_is_no_vanishing(
    beat: Callable[..., object],
) -> None:
    class Away(MadeUpHosts):
        asked = 0

        def renew(self, host: str) -> RenewAnswer | ChaosRunnerError:
            self.asked += 1
            return unreachable(host) if self.asked < 15 else NOTHING_ACTIVE

    hosts = Away()
    with beat(hosts) as (heartbeat, fault, _):  # type: ignore[attr-defined]
        restart = fault.model_copy(update={"kind": "host_reboot"})
        heartbeat.expect(restart)
        heartbeat.confirm(restart, "k1")
        wait_for(lambda: hosts.asked >= 17, "it is asked for longer than its lease of 2 s")
        assert heartbeat.vanished == {}
        assert not heartbeat.may_have_ended("k1")
