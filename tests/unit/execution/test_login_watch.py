"""While a fault is on, a run looks whether new logins still work on its hosts, and says it."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import cast

import pytest

from chaos_runner.errors import ChaosRunnerError
from chaos_runner.execution.leases import login_watch
from chaos_runner.fleet.guard_answers.fault_answers import RevertAnswer
from chaos_runner.fleet.inventory import Host
from chaos_runner.journal.events import Notice
from chaos_runner.journal.journal import Journal
from chaos_runner.measurements.cluster_fault import CLUSTER
from tests.unit.execution.made_up_hosts import Bench, MadeUpHosts, MadeUpRescue, bench_of
from tests.waiting import wait_until

DURATION = 3.0
HOSTS = (Host(name="k1", address="198.18.0.11"),)


class Logins:
    """Logins that fail for a while."""

    def __init__(self, fails: int) -> None:
        self.left = fails
        self.made: list[str] = []
        self.lock = threading.Lock()

    def open(self, wanted: Sequence[Host]) -> dict[str, ChaosRunnerError]:
        """Return why a login fails."""
        with self.lock:
            self.made += [host.name for host in wanted]
            self.left -= 1
            failing = self.left >= 0
        return {host.name: ChaosRunnerError("sudo hangs") for host in wanted if failing}


def run(
    logins: Logins, directory: Path, monkeypatch: pytest.MonkeyPatch, *, one_channel: bool = False
) -> Bench:
    """Run a fault on a host, with these logins."""

    class Fresh(MadeUpRescue):
        def __init__(self, wanted: Sequence[Host]) -> None:
            super().__init__(wanted)
            self._wanted = wanted

        def open(self) -> dict[str, ChaosRunnerError]:
            return logins.open(self._wanted)

    monkeypatch.setattr(login_watch, "EVERY", 0.3)
    monkeypatch.setattr(login_watch, "PAUSE", 0.05)
    hosts = MadeUpHosts()
    with bench_of(directory, monkeypatch, hosts, DURATION, one_channel=one_channel) as bench:
        monkeypatch.setattr(login_watch, "FleetRescue", Fresh)
        bench.run()
        return bench


def said(bench: Bench) -> list[tuple[str, str]]:
    notices = [cast(Notice, event) for event in bench.of(Notice)]
    return [(each.level, each.message) for each in notices if each.source == "login"]


def test_logins_that_stop_working_are_told_once_and_when_they_work_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = run(Logins(fails=4), tmp_path, monkeypatch)
    assert said(bench) == [
        (
            "warning",
            "no new login works while the fault is on: sudo hangs; the session from before it is "
            "still there",
        ),
        ("info", "new logins work again"),
    ]


def test_one_login_that_fails_is_no_news(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    logins = Logins(fails=1)
    assert said(run(logins, tmp_path, monkeypatch)) == []
    assert len(logins.made) > 2


def test_a_host_that_the_channel_does_not_reach_anyway_is_not_tried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    logins = Logins(fails=0)
    run(logins, tmp_path, monkeypatch, one_channel=True)
    assert logins.made == []


def test_a_fault_of_the_cluster_keeps_no_host_from_being_tried(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    logins = Logins(fails=0)

    class Fresh(MadeUpRescue):
        def open(self) -> dict[str, ChaosRunnerError]:
            return logins.open(list(HOSTS))

    monkeypatch.setattr(login_watch, "PAUSE", 0.05)
    monkeypatch.setattr(login_watch, "FleetRescue", Fresh)
    ended = threading.Event()
    owed = {CLUSTER: {"f_1"}, HOSTS[0].name: {"f_2"}}
    with login_watch.LoginWatch(HOSTS, [], owed, (), ended, cast(Journal, None)):
        wait_until(lambda: logins.made == [HOSTS[0].name])
        ended.set()


def test_a_login_that_hangs_does_not_hold_up_the_roll_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rolled_back = threading.Event()

    class Hanging(Logins):
        def open(self, wanted: Sequence[Host]) -> dict[str, ChaosRunnerError]:
            super().open(wanted)
            rolled_back.wait(60)
            return {host.name: ChaosRunnerError("too late") for host in wanted}

    class Hosts(MadeUpHosts):
        def revert(self, host: str) -> RevertAnswer | ChaosRunnerError:
            rolled_back.set()
            return super().revert(host)

    logins = Hanging(fails=0)
    monkeypatch.setattr("tests.unit.execution.test_login_watch.MadeUpHosts", Hosts)
    bench = run(logins, tmp_path, monkeypatch)
    wait_until(rolled_back.is_set, "the roll-back")
    assert logins.made
    assert said(bench) == []
