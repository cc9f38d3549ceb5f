"""A stopped service comes back as it was, with everything that went down along with it."""

from __future__ import annotations

import time

import pytest

from tests.integration.sandbox.service.answers import only_fault
from tests.integration.sandbox.service.sandbox import FAULT, SystemdHost
from tests.integration.sandbox.service.stopping import (
    KILL_THE_GUARD,
    assert_all_comes_back,
    put_on,
    take_back,
)
from tests.waiting import wait_until


@pytest.mark.parametrize(
    "relation",
    ["PartOf", "BindsTo", "Requires", "After=app.service\nRequisite", "StopPropagatedFrom"],
)
def test_what_depends_on_the_service(host: SystemdHost, relation: str) -> None:
    host.app("app.service")
    host.app("near.service", f"{relation}=app.service")
    host.app("far.service", f"{relation}=app.service\nPartOf=near.service")
    host.start("app.service", "near.service", "far.service")
    assert_all_comes_back(host, "app", "app.service", "near.service", "far.service")


def test_what_the_service_itself_stops(host: SystemdHost) -> None:
    host.app("app.service", "PropagatesStopTo=other.service")
    host.app("other.service")
    host.start("app.service", "other.service")
    assert_all_comes_back(host, "app", "app.service", "other.service")


def test_what_is_stopped_when_nobody_needs_it(host: SystemdHost) -> None:
    host.app("app.service", "Wants=helper.service")
    host.app("helper.service", "StopWhenUnneeded=yes")
    host.start("app.service")
    assert_all_comes_back(host, "app", "app.service", "helper.service")


def test_what_is_driven_out_by_a_unit_that_the_end_starts(host: SystemdHost) -> None:
    host.app("app.service", "OnSuccess=rival.service")
    host.app("rival.service", "Conflicts=other.service")
    host.app("other.service")
    host.start("app.service", "other.service")
    assert_all_comes_back(host, "app", "app.service", "other.service")
    assert host.states("rival.service") == ["inactive"]


def test_what_the_end_starts_ends_with_it(host: SystemdHost) -> None:
    host.app("app.service", "OnSuccess=substitute.service")
    host.app("substitute.service")
    host.start("app.service")
    put_on(host)
    wait_until(lambda: host.states("substitute.service") == ["active"])
    assert take_back(host)["state"] == "clean"
    assert host.states("app.service", "substitute.service") == ["active", "inactive"]


def test_what_was_down_stays_down(host: SystemdHost) -> None:
    host.app("app.service")
    host.app("side.service", "PartOf=app.service")
    host.app("unrelated.service")
    host.start("app.service", "unrelated.service")
    put_on(host)
    host.systemctl("stop", "unrelated.service")
    answer = take_back(host)
    assert host.states("app.service", "side.service", "unrelated.service") == [
        "active",
        "inactive",
        "inactive",
    ]
    assert only_fault(answer)["differences"] == []


def test_names_with_backslashes(host: SystemdHost) -> None:
    units = [
        r"a\x2db.service",
        r"export@c\x2dd.service",
        r"plain\e.service",
        "instance@x:y.service",
    ]
    host.app(units[0])
    for unit in units[1:]:
        host.app(unit, r"PartOf=a\x2db.service")
    host.unit(r"a\x2db.socket", "[Socket]\nListenStream=/run/a.sock\n")
    host.start(r"a\x2db.socket", *units)
    assert_all_comes_back(host, r"a\x2db", r"a\x2db.socket", *units)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("socket", "[Socket]\nListenStream=/run/{}.sock\n"),
        ("timer", "[Timer]\nOnActiveSec=2\nOnUnitInactiveSec=1\n"),
        ("path", "[Path]\nPathExists=/run/systemd\n"),
    ],
)
def test_what_would_start_it_again(host: SystemdHost, kind: str, text: str) -> None:
    host.app("app.service")
    host.app("side.service", "BindsTo=app.service\nAfter=app.service")
    triggers = [f"app.{kind}", f"side.{kind}"]
    for trigger in triggers:
        host.unit(trigger, text.format(trigger))
    host.start(*triggers, "app.service", "side.service")
    put_on(host)
    time.sleep(3)  # in which a timer would have run out
    answer = host.guard("check", FAULT)
    assert answer.data is not None
    assert answer.data["effect"] is True, answer
    assert take_back(host)["state"] == "clean"
    assert host.states(*triggers, "app.service", "side.service") == ["active"] * 4


def test_a_unit_between_two_restarts_goes_on_restarting(host: SystemdHost) -> None:
    host.app("app.service")
    host.app(
        "restless.service",
        "PartOf=app.service\nStartLimitIntervalSec=0",
        "Restart=always\nRestartSec=5",
        "/bin/sh -c 'sleep 0.2; exit 1'",
    )
    host.start("app.service")
    host.systemctl("start", "restless")
    wait_until(lambda: host.states("restless") == ["activating"])
    put_on(host)
    assert host.states("restless")[0] in ("inactive", "failed")
    answer = take_back(host)
    assert answer["state"] == "clean", answer
    wait_until(lambda: host.states("restless") == ["activating"])


@pytest.mark.parametrize("last", ["app.socket", "app.service"])
def test_a_guard_killed_between_a_socket_and_its_service(host: SystemdHost, last: str) -> None:
    slow = "/bin/sh -c 'trap \"sleep 2; exit 0\" TERM; while :; do sleep 0.1; done'"
    host.app("app.service", command=slow)
    host.unit("app.socket", "[Socket]\nListenStream=/run/app.sock\n")
    host.start("app.socket", "app.service")
    dying = f"""\
#!/bin/sh
/usr/local/sbin/real-systemctl "$@"
code=$?
case "$*" in
  "stop --no-block -- {last}")
    mv /usr/local/sbin/real-systemctl $0
    {KILL_THE_GUARD}
    ;;
esac
exit $code
"""
    host.shell(
        "cd /usr/local/sbin; mv systemctl real-systemctl\n"
        f"cat >systemctl <<'DYING'\n{dying}DYING\nchmod 755 systemctl"
    )
    assert host.stop_service("app").data is None
    assert host.states("app.socket") != ["active"]
    answer = take_back(host)
    assert answer["state"] == "clean", answer
    assert host.states("app.service", "app.socket") == ["active", "active"]


def test_a_start_limit_that_is_used_up_is_no_obstacle(host: SystemdHost) -> None:
    host.app("app.service", "StartLimitIntervalSec=600\nStartLimitBurst=2")
    host.start("app.service")
    host.systemctl("restart", "app.service")
    assert host.states("app.service") == ["active"]
    assert_all_comes_back(host, "app", "app.service")
