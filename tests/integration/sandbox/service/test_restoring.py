"""A stopped service comes back as it was, with everything that went down along with it."""

from __future__ import annotations

import time

import pytest

from tests.integration.sandbox.service.answers import only_fault
from tests.integration.sandbox.service.sandbox import FAULT, SystemdHost
from tests.waiting import wait_until


def put_on(host: SystemdHost, service: str = "app", lease: int = 300) -> None:
    answer = host.stop_service(service, lease=lease)
    assert answer.data is not None
    assert answer.data["ok"] is True, answer
    assert answer.data["effect"] is True, answer


def take_back(host: SystemdHost) -> dict[str, object]:
    """Revert until the host is no longer on its way, and return the last answer."""
    deadline = time.monotonic() + 300
    while True:
        answer = host.guard("revert", "--all")
        assert answer.data is not None
        if answer.data.get("ok") is True and answer.data["state"] != "pending":
            return answer.data
        assert time.monotonic() < deadline, answer


def assert_all_comes_back(host: SystemdHost, service: str, *units: str) -> None:
    """Stop a service, see that these units go down, and that all of it comes back."""
    put_on(host, service)
    assert [state for state in host.states(*units) if state == "active"] == []
    answer = take_back(host)
    assert host.states(*units) == ["active"] * len(units)
    assert answer["state"] == "clean", answer
    assert only_fault(answer)["healed"] is True, answer


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
KILL_THE_GUARD = r"""
    for process in /proc/[0-9]*; do
      case $(tr '\0' ' ' <$process/cmdline) in
        *'chaos-guard in''ject'*) kill -KILL ${process#/proc/} ;;
      esac
    done
"""


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


def renewed(host: SystemdHost) -> dict[str, object]:
    answer = host.guard("renew", "run-1", "300").data
    assert answer is not None
    return only_fault(answer)


def test_a_start_limit_that_is_used_up_is_no_obstacle(host: SystemdHost) -> None:
    host.app("app.service", "StartLimitIntervalSec=600\nStartLimitBurst=2")
    host.start("app.service")
    host.systemctl("restart", "app.service")
    assert host.states("app.service") == ["active"]
    assert_all_comes_back(host, "app", "app.service")
