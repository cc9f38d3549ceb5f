"""CPUs that are busy, and free again."""

from __future__ import annotations

import os
import time

from tests.integration.sandbox.guard.test_host_in_trouble import asked
from tests.integration.sandbox.host.conftest import FAULT, RUN, FaultyHost
from tests.integration.sandbox.readings import readings_of
from tests.waiting import wait_until

UNIT = f"chaos-{FAULT}-load.service"
WORKER = f"/run/chaos-runner/{FAULT}/worke[r]"


def workers(host: FaultyHost) -> list[str]:
    """Return the processes that run the worker's loop, with the one that waits for them."""
    return host.shell(f"grep -ls '{WORKER}' /proc/[0-9]*/cmdline | cut -d / -f 3 || :").split()


def cpu_time(host: FaultyHost) -> float:
    """Return the seconds of CPU time that the workers have used."""
    used = 0
    for process in workers(host):
        fields = host.shell(f"cat /proc/{process}/stat || :").rpartition(")")[2].split()
        used += sum(map(int, fields[11:13]))
    return used / os.sysconf("SC_CLK_TCK")


def test_cpus_are_busy_until_the_lease_is_over(host: FaultyHost) -> None:
    answer = host.put_on("cpu_stress", {"workers": 2}, lease=12)
    read = readings_of(answer)
    assert (read["workers"].value, read["processor_time"].asked) == (2, 2)
    assert cpu_time(host) > 0
    assert len(workers(host)) == 3, "two, and the one that started them"
    wait_until(host.is_over, "the lease ends it")
    assert workers(host) == []
    assert host.is_clean()


def test_a_worker_takes_no_more_than_its_load(host: FaultyHost) -> None:
    host.put_on("cpu_stress", {"workers": 1, "load": "20%"})
    begun, before = time.monotonic(), cpu_time(host)
    wait_until(lambda: time.monotonic() > begun + 10, "ten seconds")
    # In the first second of a window it may catch up with what it did not get.
    assert cpu_time(host) - before < 0.3 * (time.monotonic() - begun) + 0.2
    assert host.roll_back()["healed"] is True


def test_a_renewal_keeps_it_on_and_without_a_watchdog_it_ends_by_itself(host: FaultyHost) -> None:
    host.put_on("cpu_stress", {"workers": 1, "load": "10%"}, lease=8)
    assert "'effect': True" in str(asked(host.guard("renew", RUN, "20"))["faults"])
    host.systemctl("kill", "-s", "STOP", f"chaos-{FAULT}-watch.service")
    renewed = time.monotonic()
    wait_until(lambda: not workers(host), "the workers see that the lease is over")
    assert time.monotonic() - renewed > 10
    assert asked(host.guard("revert", "--all"))["state"] == "clean"


def test_a_unit_that_somebody_else_stopped_is_told(host: FaultyHost) -> None:
    host.put_on("cpu_stress", {"workers": 1})
    host.systemctl("stop", UNIT)
    assert "'effect': False" in str(asked(host.guard("renew", RUN, "200"))["faults"])
    fault = host.roll_back()
    assert (fault["phase"], fault["by"]) == ("CLEAN", "others")


def test_a_worker_that_somebody_else_ended_is_told(host: FaultyHost) -> None:
    host.put_on("cpu_stress", {"workers": 2})
    host.shell(f"kill -KILL {max(map(int, workers(host)))}")
    assert "'effect': False" in str(asked(host.guard("renew", RUN, "200"))["faults"])
    assert host.roll_back()["by"] == "others"


def test_one_of_workers_that_sleep_at_times_is_missed_too(host: FaultyHost) -> None:
    host.put_on("cpu_stress", {"workers": 2, "load": "5%"})
    main = host.systemctl("show", "--value", "-p", "MainPID", f"chaos-{FAULT}-load.service")
    host.shell(f"kill $(cut -d ' ' -f 1 /proc/{main}/task/{main}/children)")
    # While its sleeps are counted for it, most looks see nothing.
    looks = [str(asked(host.guard("renew", RUN, "200"))["faults"]) for _ in range(4)]
    assert all("'effect': False" in look for look in looks), looks


def test_more_workers_than_a_login_can_stand_are_refused(host: FaultyHost) -> None:
    cpus = os.cpu_count() or 1
    assert "more than 4 for each" in host.refusal("cpu_stress", {"workers": 4 * cpus + 1})
    assert asked(host.put("cpu_stress", {"workers": 4 * cpus}, "--check"))["ok"] is True


def test_a_worker_that_somebody_else_stopped_is_told(host: FaultyHost) -> None:
    host.put_on("cpu_stress", {"workers": 2})
    host.shell(f"kill -STOP {max(map(int, workers(host)))}")
    assert "'effect': False" in str(asked(host.guard("renew", RUN, "200"))["faults"])
    assert host.roll_back()["by"] == "others"


def test_workers_that_somebody_else_froze_are_told(host: FaultyHost) -> None:
    host.put_on("cpu_stress", {"workers": 1})
    group = host.systemctl("show", "--value", "-p", "ControlGroup", UNIT)
    # As `systemctl freeze` does it, which not every systemd of a user can.
    groups = f"/sys/fs/cgroup/unified{group} /sys/fs/cgroup{group}"
    host.shell(f"echo 1 >$(ls -d {groups})/cgroup.freeze")
    assert "'effect': False" in str(asked(host.guard("renew", RUN, "200"))["faults"])
    fault = host.roll_back()
    assert (fault["phase"], fault["by"]) == ("CLEAN", "others")
