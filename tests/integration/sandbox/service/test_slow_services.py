"""Services that start or stop slowly, or die after their start, come back or are not clean."""

from __future__ import annotations

import time

import pytest

from tests.integration.sandbox.service.answers import only_fault
from tests.integration.sandbox.service.sandbox import FAULT, SystemdHost
from tests.integration.sandbox.service.stopping import (
    KILL_THE_GUARD,
    put_on,
    renewed,
    take_back,
)
from tests.waiting import wait_until


@pytest.mark.parametrize("restart", ["no", "on-failure", "always"])
def test_a_service_that_dies_after_its_start_is_not_back(host: SystemdHost, restart: str) -> None:
    host.app(
        "app.service",
        "StartLimitIntervalSec=0",
        f"Restart={restart}",
        f"/bin/sh -c 'if [ -e {host.path}/broken ]; then sleep 1; exit 1; fi; exec sleep 1000'",
    )
    host.start("app.service")
    put_on(host)
    host.shell(f"touch {host.path}/broken")
    answer = take_back(host)
    assert answer["state"] == "dirty", answer
    assert only_fault(answer)["healed"] is False
    assert "app.service" in str(only_fault(answer)["differences"])
    host.shell(f"rm {host.path}/broken")
    assert take_back(host)["state"] == "clean"


def test_a_service_that_is_up_for_a_moment_is_not_back(host: SystemdHost) -> None:
    host.app(
        "app.service",
        command=f"/bin/sh -c 'if [ -e {host.path}/broken ]; then sleep 1; exit 1; fi; sleep 1000'",
    )
    host.start("app.service")
    put_on(host)
    assert take_back(host)["state"] == "clean"
    # As if two guards undid at once: one looks while the other has just started the service again.
    host.shell(f"touch {host.path}/broken")
    host.systemctl("restart", "app.service")
    answer = host.guard("revert", FAULT)
    assert answer.data is not None
    assert answer.data["state"] == "dirty", answer
    assert "app.service" in str(only_fault(dict(answer.data))["differences"])


def test_a_slow_start_is_waited_for(host: SystemdHost) -> None:
    host.app("app.service", "", f"ExecStartPre=/bin/sh -c 'test ! -e {host.path}/slow || sleep 12'")
    host.start("app.service")
    put_on(host)
    host.shell(f"touch {host.path}/slow")
    answer = take_back(host)
    assert answer["state"] == "clean", answer
    assert host.states("app.service") == ["active"]


def test_a_stop_slower_than_the_lease_is_held(host: SystemdHost) -> None:
    host.app("app.service", "", "ExecStop=/bin/sleep 25")
    host.start("app.service")
    put_on(host, lease=15)
    answer = host.guard("renew", "run-1", "100")
    assert answer.data is not None
    assert answer.data["ok"] is True, answer
    time.sleep(6)
    assert host.states("app.service") == ["inactive"]
    assert take_back(host)["state"] == "clean"


# The quotes keep this from killing itself.


def test_a_guard_killed_during_a_slow_stop(host: SystemdHost) -> None:
    host.app("app.service", "", "ExecStop=/bin/sleep 8")
    host.app("side.service", "PartOf=app.service")
    host.start("app.service", "side.service")
    killing = f"""
        until [ "$(systemctl is-active app.service)" = deactivating ]; do sleep 0.1; done
        {KILL_THE_GUARD}"""
    host.shell(f"({killing}) >/dev/null 2>&1 &")
    assert host.stop_service("app").data is None
    assert take_back(host)["state"] == "clean"
    assert host.states("app.service", "side.service") == ["active", "active"]


def test_a_host_that_starts_anew(host: SystemdHost) -> None:
    host.app("app.service")
    host.app("side.service", "PartOf=app.service")
    host.unit("app.socket", "[Socket]\nListenStream=/run/app.sock\n")
    host.start("app.socket", "app.service", "side.service")
    put_on(host)
    host.power_off()
    host.power_on()
    assert host.states("app.service", "side.service", "app.socket") == ["inactive"] * 3
    answer = take_back(host)
    assert answer["state"] == "clean", answer
    assert host.states("app.service", "side.service", "app.socket") == ["active"] * 3


# The record is synced twice; then comes what the fault keeps before the stop, and then after it.
@pytest.mark.parametrize("syncs", [2, 4])
def test_a_disk_that_stalls_during_the_injection(host: SystemdHost, syncs: int) -> None:
    host.app("app.service")
    host.start("app.service")
    host.shell(
        "cd /usr/local/sbin; echo 'echo >>/run/syncs; set -- $(wc -l </run/syncs) \n'"
        f"'[ $1 -le {syncs} ] || exec sleep 1000' >sync; echo 'exec sleep 1000' >dd; "
        "chmod 755 sync dd"
    )
    answer = host.stop_service("app").data
    assert answer is not None and answer["ok"] is False, answer
    # What is needed to put it back is in memory, whatever the disk does.
    wait_until(lambda: host.states("app.service") == ["active"])
    host.shell("rm /usr/local/sbin/sync /usr/local/sbin/dd")
    assert take_back(host)["state"] == "clean"


def test_a_service_that_was_up_for_a_moment_was_not_down(host: SystemdHost) -> None:
    host.app("app.service")
    host.app("near.service", "Wants=app.service")  # else systemd forgets a unit that is down
    host.start("app.service", "near.service")
    put_on(host, "app")
    assert renewed(host)["effect"] is True
    host.systemctl("start", "app.service")
    host.systemctl("stop", "app.service")
    assert renewed(host)["effect"] is False
    fault = only_fault(take_back(host))
    assert (fault["by"], fault["held"], fault["phase"]) == ("others", None, "CLEAN")
