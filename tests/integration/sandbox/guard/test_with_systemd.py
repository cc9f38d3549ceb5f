"""The fail-safes of systemd: the timer at the cap, the watchdog, the boot unit."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.integration.sandbox.guard.scripts import PARTITION
from tests.integration.sandbox.guard.test_host_in_trouble import asked
from tests.integration.sandbox.service.sandbox import FAULT, RUN, SystemdHost
from tests.waiting import wait_until

THREE_DAYS = 259200
DISK = "/var/lib/chaos-runner"


@pytest.fixture(params=[0, THREE_DAYS], ids=["awake", "was-suspended"])
def host(request: pytest.FixtureRequest) -> Iterator[SystemdHost]:
    if os.geteuid() != 0:
        pytest.fail("this needs root for namespaces; `scripts/test unit golden` runs the others")
    host = SystemdHost(request.param)
    try:
        yield host
    finally:
        host.close()


@pytest.fixture
def awake() -> Iterator[SystemdHost]:
    if os.geteuid() != 0:
        pytest.fail("this needs root for namespaces; `scripts/test unit golden` runs the others")
    host = SystemdHost()
    try:
        yield host
    finally:
        host.close()


def cut_off(host: SystemdHost, lease: int, cap: int) -> None:
    words = ("inject", FAULT, "--run", RUN, "--kind", "network_partition")
    limits = ("--lease", str(lease), "--cap", str(cap))
    assert asked(host.guard(*words, *limits, stdin=PARTITION.encode()))["ok"] is True
    assert is_cut(host)


def is_cut(host: SystemdHost) -> bool:
    return f"chaos_{FAULT}" in host.shell("nft list tables")


def uptime(host: SystemdHost) -> float:
    return float(host.shell("cat /proc/uptime").split()[0])


@pytest.mark.parametrize(
    "trouble", ["", ": >/usr/local/sbin/chaos-guard", "rm -rf /run/chaos-runner"]
)
def test_the_cap_ends_a_fault_whose_watchdog_does_not(host: SystemdHost, trouble: str) -> None:
    cut_off(host, lease=20, cap=20)
    begun = uptime(host)
    host.systemctl("kill", "-s", "STOP", f"chaos-{FAULT}-watch.service")
    host.systemctl("daemon-reload")
    if trouble:
        host.shell("true; " + trouble.replace(": >", "true >"))
    wait_until(lambda: not is_cut(host))
    assert uptime(host) - begun < 100


def test_no_daemon_reload_moves_the_cap(awake: SystemdHost) -> None:
    cut_off(awake, lease=25, cap=25)
    begun = uptime(awake)
    awake.systemctl("kill", "-s", "STOP", f"chaos-{FAULT}-watch.service")

    def over_after_reload() -> bool:
        awake.systemctl("daemon-reload")
        return not is_cut(awake)

    wait_until(over_after_reload)
    assert uptime(awake) - begun < 100


def test_a_watchdog_that_is_killed_starts_again_without_the_installed_guard(
    awake: SystemdHost,
) -> None:
    cut_off(awake, lease=12, cap=600)
    awake.shell("rm /usr/local/sbin/chaos-guard")
    awake.systemctl("kill", "-s", "KILL", f"chaos-{FAULT}-watch.service")
    wait_until(lambda: not is_cut(awake))


@pytest.mark.parametrize(
    "what",
    [
        f"systemctl kill --kill-who=main --signal=TERM chaos-{FAULT}-watch.service",
        "systemctl isolate calm.target",
    ],
    ids=["as earlyoom does", "isolate"],
)
def test_neither_an_orderly_end_nor_another_target_takes_the_fail_safes(
    awake: SystemdHost, what: str
) -> None:
    awake.unit("calm.target", "[Unit]\nRequires=basic.target\nAllowIsolate=yes\n")
    awake.systemctl("daemon-reload")
    cut_off(awake, lease=300, cap=600)
    first = awake.systemctl("show", "-P", "MainPID", f"chaos-{FAULT}-watch.service")
    awake.shell(what)
    fail_safes = [f"chaos-{FAULT}-cap.timer", f"chaos-{FAULT}-watch.service"]
    wait_until(lambda: awake.states(*fail_safes) == ["active", "active"], "they are there again")
    killed = "--signal" in what
    wait_until(
        lambda: (
            awake.systemctl("show", "-P", "MainPID", fail_safes[1]) not in {"0", *[first] * killed}
        ),
        "it runs",
    )
    assert asked(awake.guard("revert", "--all"))["state"] == "clean"
    wait_until(lambda: awake.states(*fail_safes) == ["inactive", "inactive"], "and go at the end")


OLD_SYSTEMD_RUN = """#!/bin/sh
case " $* " in *IgnoreOnIsolate=*)
  echo "Unknown assignment IgnoreOnIsolate=yes." >&2
  exit 1 ;;
esac
XDG_RUNTIME_DIR=/run/user/0 exec /usr/bin/systemd-run --user "$@"
"""


def test_an_old_systemd_has_the_fail_safes_without_what_it_does_not_take(
    awake: SystemdHost,
) -> None:
    awake.shell(f"cat >/usr/local/sbin/systemd-run <<'END'\n{OLD_SYSTEMD_RUN}END\n")
    cut_off(awake, lease=300, cap=600)
    fail_safes = [f"chaos-{FAULT}-cap.timer", f"chaos-{FAULT}-watch.service"]
    assert awake.states(*fail_safes) == ["active", "active"]
    assert asked(awake.guard("revert", "--all"))["state"] == "clean"


def test_systemd_itself_looks_at_no_disk_for_the_boot_unit(awake: SystemdHost) -> None:
    assert asked(awake.guard("install"))["ok"] is True
    unit = awake.shell("cat /etc/systemd/system/chaos-guard-boot.service")
    assert "Path" not in unit and "RequiresMounts" not in unit, "a disk may not answer"


def test_both_units_go_once_a_fault_is_over(awake: SystemdHost) -> None:
    cut_off(awake, lease=300, cap=600)
    assert asked(awake.guard("revert", "--all"))["state"] == "clean"
    wait_until(
        lambda: not awake.systemctl("list-units", "--all", "--plain", "chaos-*", "--no-legend")
    )
    assert asked(awake.guard("audit"))["clean"] is True


SLOW_SYSTEMCTL = """#!/bin/sh
XDG_RUNTIME_DIR=/run/user/0 /usr/bin/systemctl --user "$@"
status=$?
case " $* " in *" is-active "*)
  [ -e /run/held ] || { true >/run/held; while [ ! -e /run/go ]; do sleep 0.1; done; } ;;
esac
exit $status
"""


def test_a_fault_that_is_armed_for_longer_than_its_lease_keeps_its_watchdog(
    awake: SystemdHost,
) -> None:
    awake.shell(f"cat >/usr/local/sbin/systemctl <<'END'\n{SLOW_SYSTEMCTL}END\n")
    with ThreadPoolExecutor(1) as pool:
        words = ("inject", FAULT, "--run", RUN, "--kind", "network_partition")
        limits = ("--lease", "2", "--cap", "600")
        injected = pool.submit(awake.guard, *words, *limits, stdin=PARTITION.encode())
        wait_until(lambda: "held" in awake.shell("ls /run"))
        over = uptime(awake) + 10
        wait_until(lambda: uptime(awake) > over)
        awake.shell("true >/run/go")
        assert asked(injected.result())["ok"] is True
    wait_until(lambda: not is_cut(awake))


def test_units_without_a_record_are_residue_until_taken_away(awake: SystemdHost) -> None:
    awake.shell("systemd-run --quiet --unit=chaos-old-load sleep 1000")
    answer = asked(awake.guard("audit"))
    assert answer["residue"] == ["unit chaos-old-load.service"]
    assert asked(awake.guard("revert", "--all"))["state"] == "clean"
    wait_until(lambda: asked(awake.guard("audit"))["clean"] is True)


def test_a_unit_that_somebody_else_stopped_meanwhile_shows(awake: SystemdHost) -> None:
    awake.app("other.service")
    awake.start("other.service")
    cut_off(awake, lease=300, cap=600)
    awake.systemctl("stop", "other.service")
    answer = asked(awake.guard("revert", "--all"))
    assert answer["state"] == "clean"
    assert "- active unit other.service" in str(answer["faults"])


def test_a_broken_systemctl_proves_nothing(awake: SystemdHost) -> None:
    awake.shell("printf '#!/bin/sh\\necho no bus >&2\\nexit 1\\n' >/usr/local/sbin/systemctl")
    answer = asked(awake.guard("audit"))
    assert answer["clean"] is False
    assert answer["problems"] == ["systemctl: no bus"]
    assert asked(awake.guard("revert", "--all"))["state"] != "clean"


ORDERS = {
    "after the target": "After=multi-user.target",
    "after the boot unit": "After=chaos-guard-boot.service",
    "waiting for what never comes": "After=never.service\nWants=never.service",
}


@pytest.mark.parametrize(
    ("order", "record"),
    [
        *((order, "whole") for order in sorted(ORDERS)),
        ("after the target", "empty"),
        ("after the target", "lost"),
    ],
)
def test_a_restart_takes_back_and_comes_up(awake: SystemdHost, order: str, record: str) -> None:
    host = awake
    for number in (1, 2):
        host.shell(
            f"echo 0000000{number}-1111-1111-1111-111111111111 >/etc/systemd/system/boot{number}"
        )
    host.shell("mount --bind /etc/systemd/system/boot1 /proc/sys/kernel/random/boot_id")
    host.unit("multi-user.target", "[Unit]\n")
    host.unit(
        "never.service",
        "[Service]\nType=oneshot\nExecStart=/bin/sleep 1000\nTimeoutStartSec=infinity\n",
    )
    host.unit(
        "late.service",
        f"[Unit]\n{ORDERS[order]}\n[Service]\nExecStart=/bin/sleep 1000\n",
    )
    assert asked(host.guard("install"))["ok"] is True
    # A systemd in user mode looks for enabled units elsewhere than the one of a machine.
    host.shell(
        "cd /etc/systemd/system && mkdir -p multi-user.target.wants && "
        "ln -s ../chaos-guard-boot.service multi-user.target.wants/"
    )
    host.systemctl("daemon-reload")
    host.systemctl("start", "--no-block", "--job-mode=ignore-dependencies", "late.service")
    wait_until(lambda: host.states("late.service") == ["active"])
    assert asked(host.stop_service("late"))["ok"] is True
    if record != "whole":
        host.shell(f"rm {DISK}/{FAULT}/journal")
    if record == "empty":
        host.shell(f"touch {DISK}/{FAULT}/journal")
    host.power_off()
    host.shell(
        "rm -rf /run/chaos-runner; umount /proc/sys/kernel/random/boot_id; "
        "mount --bind /etc/systemd/system/boot2 /proc/sys/kernel/random/boot_id"
    )
    host.power_on()
    host.systemctl("start", "--no-block", "multi-user.target")
    wait_until(lambda: host.states("multi-user.target") == ["active"])
    if order == "waiting for what never comes":
        wait_until(lambda: "late.service" in host.systemctl("list-jobs", "--no-legend"))
        answer = asked(host.guard("revert", "--all"))
        assert answer["state"] == "pending"
        host.systemctl("stop", "never.service")
    wait_until(lambda: host.states("late.service") == ["active"])

    def ends_clean() -> bool:
        return asked(host.guard("revert", "--all")).get("state") == "clean"

    wait_until(ends_clean)
