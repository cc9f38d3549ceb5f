"""Memory that is taken, and given back."""

from __future__ import annotations

import time

from tests.integration.sandbox.guard.test_host_in_trouble import asked
from tests.integration.sandbox.host.conftest import FAULT, RUN, FaultyHost
from tests.integration.sandbox.readings import readings_of
from tests.waiting import wait_until

MIB = 1024**2


def held(host: FaultyHost) -> int:
    """Return the KiB that processes of `dd` hold."""
    lines = host.shell("cat /proc/[0-9]*/status 2>/dev/null || :").splitlines()
    found, name = 0, ""
    for line in lines:
        key, _, value = line.partition(":")
        if key == "Name":
            name = value.strip()
        elif key == "VmRSS" and name == "dd":
            found += int(value.split()[0])
    return found


def test_memory_is_taken_until_the_lease_is_over(host: FaultyHost) -> None:
    answer = host.put_on("memory_stress", {"size": 96 * MIB}, lease=8)
    taken = readings_of(answer)["memory_taken"]
    assert (taken.asked, taken.unit) == (96, "MiB")
    assert taken.value and 86 <= taken.value <= 110
    assert 96 * 1024 <= held(host) < 110 * 1024
    wait_until(host.is_over, "the lease ends it")
    assert held(host) == 0
    assert host.is_clean()


def test_a_share_is_that_of_what_is_available(host: FaultyHost) -> None:
    host.stub("systemd-detect-virt", "exit 1")
    available = int(host.shell("sed -n 's/^MemAvailable: *\\([0-9]*\\).*/\\1/p' /proc/meminfo"))
    host.put_on("memory_stress", {"share": "2%", "size": 0})
    assert 0.015 * available < held(host) < 0.03 * available
    assert host.roll_back()["healed"] is True
    assert held(host) == 0


def test_a_renewal_keeps_it_and_without_a_watchdog_it_ends_by_itself(host: FaultyHost) -> None:
    host.put_on("memory_stress", {"size": 16 * MIB}, lease=8)
    assert "'effect': True" in str(asked(host.guard("renew", RUN, "20"))["faults"])
    host.systemctl("kill", "-s", "STOP", f"chaos-{FAULT}-watch.service")
    renewed = time.monotonic()
    wait_until(lambda: held(host) == 0, "the holder sees that the lease is over")
    assert time.monotonic() - renewed > 10
    assert asked(host.guard("revert", "--all"))["state"] == "clean"


def test_it_is_the_first_that_the_kernel_kills_and_that_is_told(host: FaultyHost) -> None:
    host.put_on("memory_stress", {"size": 16 * MIB})
    adjusted = host.shell("cat /proc/$(pgrep -x dd)/oom_score_adj").strip()
    assert adjusted == "1000"
    host.shell("kill -KILL $(pgrep -x dd)")
    wait_until(lambda: held(host) == 0, "it is gone")
    assert "'effect': False" in str(asked(host.guard("renew", RUN, "200"))["faults"])
    fault = host.roll_back()
    assert (fault["phase"], fault["by"]) == ("CLEAN", "others")
    assert held(host) == 0


def test_what_is_refused(host: FaultyHost) -> None:
    assert "less than 64 MiB" in host.refusal("memory_stress", {"size": 10**15})
    host.stub("systemd-detect-virt", "exit 0")
    assert "memory of its machine" in host.refusal("memory_stress", {"share": "2%", "size": 0})
