"""A throttled service on a host with a real systemd: the kernel limits it, and then as before."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.sandbox.guard.sandbox import Answer
from tests.integration.sandbox.service.answers import effect, is_in_place, only_fault, refusal
from tests.integration.sandbox.service.sandbox import SystemdHost
from tests.waiting import wait_until

BUSY = "/bin/sh -c 'while :; do :; done'"
IS_UNIFIED = Path("/sys/fs/cgroup/cgroup.controllers").exists()


def throttle(host: SystemdHost, *options: str, lease: int = 300, **limits: object) -> Answer:
    role: dict[str, object] = {"service_throttle_service": "app"}
    role |= {f"service_throttle_{name}": value for name, value in limits.items()}
    return host.inject("service_throttle", role, *options, lease=lease)


def group(host: SystemdHost) -> str:
    """Return the directory of the service's control group that the cpu controller has."""
    name = host.systemctl("show", "--value", "-p", "ControlGroup", "app.service")
    return f"/sys/fs/cgroup{name}" if IS_UNIFIED else f"/sys/fs/cgroup/cpu{name}"


def quota(host: SystemdHost) -> str:
    """Return the microseconds of each 100 ms that the kernel lets it work."""
    file = "cpu.max" if IS_UNIFIED else "cpu.cfs_quota_us"
    return host.shell(f"cat {group(host)}/{file}").split()[0]


def times_throttled(host: SystemdHost) -> int:
    return int(host.shell(f"sed -n 's/^nr_throttled //p' {group(host)}/cpu.stat"))


def limit(host: SystemdHost, name: str, quota: str) -> None:
    """Limit the service by a further file of its own."""
    directory = "/etc/systemd/system/app.service.d"
    host.shell(f"mkdir -p {directory} && printf '[Service]\\n' >{directory}/{name}.conf")
    host.shell(f"echo CPUQuota={quota} >>{directory}/{name}.conf")
    host.systemctl("daemon-reload")
    # From version 257 on systemd puts it in force when something in the same slice starts.
    host.shell("systemd-run --quiet --collect --slice=app.slice -- true")


@pytest.fixture
def busy(host: SystemdHost) -> SystemdHost:
    """Start a service that would take all of a processor, on a host with a cpu controller."""
    host.app("app.service", service="CPUWeight=90", command=BUSY)
    host.start("app.service")
    host.shell(f"test -e {group(host)}/cpu.stat")
    return host


def test_the_kernel_limits_it_until_the_lease_is_over(busy: SystemdHost) -> None:
    before = quota(busy)
    assert effect(throttle(busy, cpu="20%", lease=10))["processor_limit"].value == 20
    assert quota(busy) == "20000"
    already = times_throttled(busy)
    wait_until(lambda: times_throttled(busy) > already + 3)
    wait_until(lambda: quota(busy) == before)
    answer = busy.take_back()
    assert answer["state"] == "clean", answer
    assert (only_fault(answer)["by"], only_fault(answer)["healed"]) == ("lease", True)
    assert busy.shell("ls /run/systemd/system") == ""


def test_the_limit_that_it_had_comes_back_and_a_restart_keeps_the_fault(busy: SystemdHost) -> None:
    limit(busy, "50-limit", "80%")
    effect(throttle(busy, cpu="1%"))
    busy.systemctl("restart", "app.service")
    assert is_in_place(busy)
    assert busy.take_back()["state"] == "clean"
    assert quota(busy) == "80000"


def test_somebody_sets_another_limit(busy: SystemdHost) -> None:
    effect(throttle(busy, cpu="20%"))
    assert is_in_place(busy)
    limit(busy, "99-limit", "60%")
    assert not is_in_place(busy)
    answer = busy.take_back()
    assert (only_fault(answer)["by"], answer["state"]) == ("others", "dirty")
    assert "cpu=60" in str(only_fault(answer)["differences"])
    assert quota(busy) == "60000"


def test_refused_are_lower_limits_and_those_set_by_hand(busy: SystemdHost) -> None:
    limit(busy, "50-limit", "30%")
    assert "is limited to 30 already" in refusal(throttle(busy, cpu="30%"))
    limit(busy, "50-limit", "")
    file = "cpu.max" if IS_UNIFIED else "cpu.cfs_quota_us"
    busy.shell(f"echo 40000 >{group(busy)}/{file}")
    assert "by hand" in refusal(throttle(busy, cpu="20%", io_weight=0))
    assert quota(busy) == "40000"


def test_refused_is_what_has_no_controller(host: SystemdHost) -> None:
    host.app("app.service")
    host.start("app.service")
    assert "no limit is given" in refusal(throttle(host))
    if IS_UNIFIED:
        host.shell("mount --bind /dev/null /sys/fs/cgroup/cgroup.controllers")
    else:
        host.shell("mount -o remount,bind,ro /sys/fs/cgroup/cpu")
    assert "no cpu controller" in refusal(throttle(host, cpu="20%"))
    assert "no memory controller of cgroup v2" in refusal(throttle(host, memory=10_000_000))


def test_refused_is_what_carries_the_session(host: SystemdHost) -> None:
    host.app("app.service")
    host.shell("ln -s app.service /etc/systemd/system/sshd.service")
    host.start("app.service", "sshd.service")
    assert "sshd.service" in refusal(throttle(host, cpu="20%"))
