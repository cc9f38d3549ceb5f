"""A disk that is busy, and free again."""

from __future__ import annotations

import pytest

from tests.integration.sandbox.guard.test_host_in_trouble import asked
from tests.integration.sandbox.host.conftest import FAULT, RUN, FaultyHost
from tests.integration.sandbox.readings import readings_of
from tests.waiting import wait_until

DATA = "/var/lib/data"
SCRATCH = f"{DATA}/.chaos-{FAULT}-io"
UNIT = f"chaos-{FAULT}-io.service"
PROCESSES = f"systemctl status {UNIT} | sed -n 's/^ *[^0-9]*\\([0-9]*\\) .*worker.*/\\1/p'"
SMALL = {"path": DATA, "workers": 2, "size": 16 * 1024**2, "block": 65536}


@pytest.fixture
def disk(host: FaultyHost) -> FaultyHost:
    """Give the host an ext4 of 128 MiB on a block device of its own."""
    image = host.path / "disk"
    host.shell(
        f"mkdir {DATA}; truncate -s 128M {image}; mkfs.ext4 -q {image}; "
        f"mount -o loop {image} {DATA}"
    )
    return host


def written(host: FaultyHost) -> int:
    """Return the sectors that the disk has been given."""
    device = host.shell(f"stat -c %Hd:%Ld {DATA}").strip()
    return int(host.shell(f"cat /sys/dev/block/{device}/stat").split()[6])


def nameless(host: FaultyHost) -> set[str]:
    """Return the open files of the unit on the disk, which have no names any more."""
    links = f"for each in $({PROCESSES}); do readlink /proc/$each/fd/3 || :; done"
    return {link for link in host.shell(links).splitlines() if link.endswith("(deleted)")}


def test_the_disk_is_written_to_until_the_lease_is_over(disk: FaultyHost) -> None:
    before = written(disk)
    answer = disk.put_on("io_stress", SMALL, lease=12)
    read = readings_of(answer)
    assert (read["written"].unit, read["disk_busy"].unit) == ("MiB/s", "%")
    assert read["written"].value, answer
    assert (written(disk) - before) * 512 > 1024**2, "by the disk's own count"
    assert len(nameless(disk)) == 2
    wait_until(disk.is_over, "the lease ends it")
    assert disk.shell(f"ls -A {DATA}").split() == ["lost+found"]
    assert disk.is_clean()


def test_it_is_read_from(disk: FaultyHost) -> None:
    disk.put_on("io_stress", SMALL | {"access": "read"})
    wait_until(lambda: "read" in readings_of(asked(disk.guard("check", FAULT))))
    fault = disk.roll_back()
    assert (fault["phase"], fault["healed"]) == ("CLEAN", True), fault


def test_a_renewal_keeps_it_on_and_without_a_watchdog_it_ends_by_itself(disk: FaultyHost) -> None:
    disk.put_on("io_stress", SMALL, lease=10)
    assert "'effect': True" in str(asked(disk.guard("renew", RUN, "15"))["faults"])
    disk.systemctl("kill", "-s", "STOP", f"chaos-{FAULT}-watch.service")
    wait_until(lambda: disk.states(UNIT) == ["inactive"], "the workers see that the lease is over")
    assert asked(disk.guard("revert", "--all"))["state"] == "clean"
    disk.shell(f"[ ! -e {SCRATCH} ]")


def test_a_worker_that_somebody_else_ended_is_told(disk: FaultyHost) -> None:
    disk.put_on("io_stress", SMALL)
    assert "'effect': True" in str(asked(disk.guard("renew", RUN, "200"))["faults"])
    disk.shell(
        f"main=$(systemctl show --value -p MainPID {UNIT}); for each in $({PROCESSES}); do "
        "set -- $(sed 's/.*) //' /proc/$each/stat); [ $2 != $main ] || worker=$each; done; "
        "kill -KILL $worker"
    )
    assert disk.states(UNIT) == ["active"]
    assert "'effect': False" in str(asked(disk.guard("renew", RUN, "200"))["faults"])
    assert disk.roll_back()["by"] == "others"


def test_a_unit_that_somebody_else_stopped_is_told(disk: FaultyHost) -> None:
    disk.put_on("io_stress", SMALL)
    disk.systemctl("stop", UNIT)
    assert "'effect': False" in str(asked(disk.guard("renew", RUN, "200"))["faults"])
    fault = disk.roll_back()
    assert (fault["phase"], fault["by"]) == ("CLEAN", "others")


def test_workers_that_can_do_nothing_give_up(disk: FaultyHost) -> None:
    disk.put_on("io_stress", SMALL)
    disk.shell(f"for each in $({PROCESSES}); do prlimit --pid $each --fsize=0 || :; done")
    wait_until(
        lambda: "'effect': False" in str(asked(disk.guard("renew", RUN, "200"))["faults"]),
        "the workers give up",
    )
    fault = disk.roll_back()
    assert (fault["phase"], fault["by"]) == ("CLEAN", "others")


def test_nothing_is_left_where_its_records_are_lost(disk: FaultyHost) -> None:
    disk.put_on("io_stress", SMALL)
    wait_until(lambda: len(nameless(disk)) == 2, "the workers are at it")
    disk.shell("rm -rf /run/chaos-runner/* /var/lib/chaos-runner/*")
    disk.guard("revert", "--all")
    wait_until(lambda: disk.states(UNIT) == ["inactive"], "what has our names is taken away")
    assert disk.shell(f"ls -A {DATA}").split() == ["lost+found"]


def test_a_restart_leaves_no_file(disk: FaultyHost) -> None:
    disk.put_on("io_stress", SMALL)
    disk.restart()
    wait_until(disk.is_over, "the boot unit takes it back")
    disk.shell(f"[ ! -e {SCRATCH} ]")


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"path": "/var/lib"}, "lies in memory"),
        ({"size": 64 * 1024**2}, "more than half of"),
        ({"block": 16 * 1024**2 + 1}, "larger than a file"),
    ],
)
def test_what_is_refused(disk: FaultyHost, options: dict[str, object], why: str) -> None:
    assert why in disk.refusal("io_stress", SMALL | options)


def test_workers_that_somebody_else_stopped_are_told(disk: FaultyHost) -> None:
    disk.put_on("io_stress", SMALL)
    disk.systemctl("kill", "-s", "STOP", UNIT)
    assert "'effect': False" in str(asked(disk.guard("renew", RUN, "200"))["faults"])
    assert disk.roll_back()["by"] == "others"
