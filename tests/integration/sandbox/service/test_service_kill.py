"""A killed service on a host with a real systemd: it stays down or loops, and comes back."""

from __future__ import annotations

import pytest

from tests.integration.sandbox.guard.sandbox import Answer
from tests.integration.sandbox.service.answers import effect, is_in_place, only_fault, refusal
from tests.integration.sandbox.service.sandbox import SystemdHost
from tests.waiting import wait_until

RESTARTS = "Restart=always\nRestartSec=100ms"


def kill(host: SystemdHost, *options: str, lease: int = 300, **variables: str) -> Answer:
    role = {"service_kill_service": "app"}
    role |= {f"service_kill_{name}": value for name, value in variables.items()}
    return host.inject("service_kill", role, *options, lease=lease)


def property_of(host: SystemdHost, name: str, unit: str = "app.service") -> str:
    return host.systemctl("show", "--value", "-p", name, unit)


def kills(host: SystemdHost) -> int:
    return int(host.shell("wc -l </run/chaos-runner/f_1/kills"))


def assert_clean(host: SystemdHost) -> None:
    answer = host.take_back()
    assert answer["state"] == "clean", answer
    assert only_fault(answer)["healed"] is True, answer


def test_it_stays_down_until_the_lease_is_over(host: SystemdHost) -> None:
    forced = f"{RESTARTS}\nRestartForceExitStatus=SIGKILL"
    host.app("app.service", "StartLimitIntervalSec=0", forced)
    host.app("side.service", "BindsTo=app.service\nAfter=app.service")
    host.unit("app.socket", "[Socket]\nListenStream=/run/app.sock\n")
    host.start("app.socket", "app.service", "side.service")
    read = effect(kill(host, lease=12))
    assert (read["state"].state, read["result"].state) == ("failed", "signal")
    assert host.states("app.service", "side.service", "app.socket") == [
        "failed",
        "inactive",
        "inactive",
    ]
    assert is_in_place(host)
    host.guard("renew", "run-1", "5")
    wait_until(lambda: host.states("app.service") == ["active"])
    assert_clean(host)
    assert host.states("app.service", "side.service", "app.socket") == ["active"] * 3
    assert property_of(host, "Restart") == "always"
    assert host.shell("ls /run/systemd/system") == ""


def test_a_crash_loop_ends_with_the_lease(host: SystemdHost) -> None:
    host.app("app.service", "StartLimitIntervalSec=0", RESTARTS)
    host.app("side.service", "BindsTo=app.service")
    host.start("app.service", "side.service")
    assert effect(kill(host, interval="1s", lease=20))["killed"].value == 1
    wait_until(lambda: kills(host) >= 4)
    assert int(property_of(host, "NRestarts")) >= 2
    assert is_in_place(host)
    host.guard("renew", "run-1", "2")
    wait_until(lambda: host.states("chaos-f_1-crash-loop.service") != ["active"])
    assert_clean(host)
    assert host.states("app.service", "side.service") == ["active", "active"]
    assert property_of(host, "NRestarts") in ("0", "1")


def test_a_crash_loop_into_the_start_limit(host: SystemdHost) -> None:
    limit = "StartLimitIntervalSec=300\nStartLimitBurst=2"
    host.app("app.service", limit, RESTARTS)
    host.start("app.service")
    effect(kill(host, interval="1s"))
    wait_until(lambda: host.states("app.service") == ["failed"])
    assert is_in_place(host)
    assert_clean(host)
    # The start limit counts anew: it can be started as often as before.
    host.systemctl("restart", "app.service")
    assert host.states("app.service") == ["active"]


def test_term_is_an_orderly_end(host: SystemdHost) -> None:
    ends = f"trap 'touch {host.path}/ended; exit 0' TERM; while :; do sleep 0.1; done"
    host.shell(f"printf '%s\\n' \"{ends}\" >{host.path}/app")
    host.app("app.service", service=RESTARTS, command=f"/bin/sh {host.path}/app")
    host.start("app.service")
    read = effect(kill(host, signal="TERM"))
    assert (read["state"].state, read["result"].state) == ("dead", "success")
    host.shell(f"rm {host.path}/ended")
    assert_clean(host)


def test_somebody_starts_it_again(host: SystemdHost) -> None:
    host.app("app.service", service=RESTARTS)
    host.start("app.service")
    effect(kill(host))
    host.systemctl("start", "app.service")
    started = property_of(host, "MainPID")
    assert not is_in_place(host)
    answer = host.take_back()
    assert (only_fault(answer)["by"], answer["state"]) == ("others", "clean")
    assert property_of(host, "MainPID") == started


@pytest.mark.parametrize(
    "what",
    [
        "systemctl stop app.service",
        "sed -i s/=always/=no/ /etc/systemd/system/app.service; systemctl daemon-reload",
    ],
    ids=["stop", "no more restarts"],
)
def test_a_crash_loop_over_what_does_not_come_up_any_more_is_over(
    host: SystemdHost, what: str
) -> None:
    host.app("app.service", "StartLimitIntervalSec=0", RESTARTS)
    host.start("app.service")
    effect(kill(host, interval="1s"))
    assert is_in_place(host)
    host.shell(what)
    wait_until(lambda: host.states("app.service") in (["inactive"], ["failed"]), "it stays down")
    assert not is_in_place(host)
    answer = host.take_back()
    assert only_fault(answer)["by"] == "others"
    assert host.states("app.service") == ["active"]


@pytest.mark.parametrize("how", [["stop"], ["kill", "-s", "STOP"]])
def test_somebody_ends_the_crash_loop(host: SystemdHost, how: list[str]) -> None:
    host.app("app.service", "StartLimitIntervalSec=0", RESTARTS)
    host.start("app.service")
    effect(kill(host, interval="1s"))
    host.systemctl(*how, "chaos-f_1-crash-loop.service")
    assert not is_in_place(host)
    answer = host.take_back()
    assert (only_fault(answer)["by"], answer["state"]) == ("others", "clean")


def test_a_host_that_starts_anew(host: SystemdHost) -> None:
    host.app("app.service", service=RESTARTS)
    host.start("app.service")
    effect(kill(host))
    host.power_off()
    host.power_on()
    assert host.states("app.service") == ["inactive"]
    assert_clean(host)
    assert host.states("app.service") == ["active"]


# A manager of a user knows no restart of the host from version 257 on; it is to exit instead.
@pytest.mark.parametrize(
    ("unit", "service", "interval", "why"),
    [
        (
            "",
            "Type=oneshot\nRemainAfterExit=yes\nExecStart=\nExecStart=true",
            "",
            "no main process",
        ),
        ("", "", "10s", "has Restart=no"),
        ("StartLimitAction=exit", RESTARTS, "10s", "this host at its start limit"),
        ("FailureAction=exit-force", RESTARTS, "", "this host if it failed to stop"),
    ],
)
def test_refused(host: SystemdHost, unit: str, service: str, interval: str, why: str) -> None:
    host.app("app.service", unit, service)
    host.start("app.service")
    assert why in refusal(kill(host, interval=interval))
    assert host.states("app.service") == ["active"]


def test_refused_is_what_takes_the_session_along(host: SystemdHost) -> None:
    host.app("app.service")
    host.app("sshd.service", "BindsTo=app.service")
    host.start("app.service", "sshd.service")
    assert "killing app.service would stop sshd.service" in refusal(kill(host))


def test_refused_are_files_that_systemd_has_not_read(host: SystemdHost) -> None:
    host.app("app.service")
    host.start("app.service")
    host.app("app.service", service="Nice=5")
    host.shell("touch -d '+1 minute' /etc/systemd/system/app.service")
    assert "has not read the files" in refusal(kill(host, "--check"))
