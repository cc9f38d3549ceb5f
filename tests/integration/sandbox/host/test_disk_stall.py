"""A file system that stalls, and goes on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration.sandbox.guard.test_host_in_trouble import asked
from tests.integration.sandbox.host.conftest import FAULT, RUN, FaultyHost
from tests.integration.sandbox.readings import readings_of
from tests.waiting import wait_until

DATA = "/var/lib/data"
UNIT = f"chaos-{FAULT}-stall.service"
STALL = {"path": DATA}


@pytest.fixture
def disk(host: FaultyHost) -> Iterator[FaultyHost]:
    """Give the host an ext4 of its own; nothing that a test leaves frozen outlives it."""
    host.stub("systemd-detect-virt", "exit 1")  # the machine of the test may itself be a container
    image = host.path / "disk"
    host.shell(
        f"mkdir {DATA}; truncate -s 64M {image}; mkfs.ext4 -q {image}; mount -o loop {image} {DATA}"
    )
    yield host
    host.shell(f"fsfreeze --unfreeze {DATA} 2>/dev/null || :")


def write(host: FaultyHost) -> None:
    """Let a service write one file, which may have to wait."""
    host.app("writer.service", service="Type=oneshot", command=f"/bin/touch {DATA}/written")
    host.systemctl("daemon-reload")
    host.systemctl("start", "--no-block", "writer.service")


def is_written(host: FaultyHost) -> bool:
    return host.shell(f"ls {DATA}").split() == ["lost+found", "written"]


def test_a_write_waits_until_the_lease_is_over(disk: FaultyHost) -> None:
    answer = disk.put_on("disk_stall", STALL, lease=12)
    waits = readings_of(answer)["change_waits"]
    assert (waits.of, waits.unit) == ("/var/lib/data", "s")
    assert waits.value is not None and waits.value >= 1
    write(disk)
    wait_until(lambda: disk.states("writer.service") == ["activating"])
    assert not is_written(disk)
    wait_until(disk.is_over, "the lease ends it")
    wait_until(lambda: is_written(disk), "the writer goes on")
    assert disk.states("writer.service", UNIT) == ["inactive", "inactive"]
    assert disk.is_clean()


def test_a_renewal_keeps_it_on_and_a_roll_back_thaws(disk: FaultyHost) -> None:
    disk.put_on("disk_stall", STALL, lease=20)
    assert "'effect': True" in str(asked(disk.guard("renew", RUN, "200"))["faults"])
    write(disk)
    fault = disk.roll_back()
    assert (fault["phase"], fault["by"], fault["healed"]) == ("CLEAN", "revert", True), fault
    wait_until(lambda: is_written(disk))


def test_without_a_watchdog_and_without_its_record_it_thaws(disk: FaultyHost) -> None:
    disk.put_on("disk_stall", STALL, lease=12)
    disk.systemctl("kill", "-s", "STOP", f"chaos-{FAULT}-watch.service")
    disk.shell("rm -r /run/chaos-runner")
    write(disk)
    wait_until(lambda: is_written(disk), "the unit misses its lease")
    assert asked(disk.guard("revert", "--all"))["state"] == "clean"


def test_a_unit_that_is_killed_thaws(disk: FaultyHost) -> None:
    disk.put_on("disk_stall", STALL)
    disk.systemctl("kill", "-s", "KILL", UNIT)
    write(disk)
    wait_until(lambda: is_written(disk), "systemd thaws")
    fault = disk.roll_back()
    assert (fault["phase"], fault["by"]) == ("CLEAN", "others")


def swap_for(disk: FaultyHost, place: str) -> str:
    """Return the command that leads the directory of the fault to another file system."""
    image = disk.path / "other"
    disk.shell(
        f"mkdir -p {place} {DATA}/sub; truncate -s 64M {image}; mkfs.ext4 -q {image}; "
        f"mount -o loop {image} {place}"
    )
    return f"[ -L {DATA}/sub ] || {{ mv {DATA}/sub {DATA}/aside; ln -s {place} {DATA}/sub; }}"


def test_a_directory_that_is_led_to_what_the_host_needs_freezes_nothing(disk: FaultyHost) -> None:
    swap = swap_for(disk, "/var/spool")
    disk.stub("rmdir", f'{swap}; exec /bin/rmdir "$@"')  # the host guard's last look calls it
    answer = asked(disk.put("disk_stall", {"path": f"{DATA}/sub"}))
    assert answer.get("effect") is not True, answer
    disk.shell(f"timeout 5 touch /var/spool/written {DATA}/written")
    assert disk.is_clean()


def test_a_mount_point_that_others_can_move_is_refused(disk: FaultyHost) -> None:
    disk.shell("mkdir -p /srv/app/data/x; chown 65534 /srv/app; mount --bind /srv /srv")
    disk.shell(
        f"mount -o loop {disk.path}/second /srv/app/data/x 2>/dev/null || "
        f"{{ truncate -s 64M {disk.path}/second; mkfs.ext4 -q {disk.path}/second; "
        f"mount -o loop {disk.path}/second /srv/app/data/x; }}"
    )
    answer = disk.put("disk_stall", {"path": "/srv/app/data/x"})
    assert "others than root may move /srv/app/data" in str(answer)


def test_somebody_elses_thaw_is_told_and_their_freeze_stays(disk: FaultyHost) -> None:
    disk.put_on("disk_stall", STALL)
    disk.shell(f"fsfreeze --unfreeze {DATA}")
    wait_until(lambda: disk.states(UNIT) == ["inactive"], "the unit sees that")
    assert "'effect': False" in str(asked(disk.guard("renew", RUN, "200"))["faults"])
    disk.shell(f"fsfreeze --freeze {DATA}")
    fault = disk.roll_back()
    assert (fault["phase"], fault["by"], fault["healed"]) == ("CLEAN", "others", False), fault
    disk.shell(f"fsfreeze --unfreeze {DATA}")


def test_what_somebody_else_has_frozen_is_refused(disk: FaultyHost) -> None:
    disk.shell(f"fsfreeze --freeze {DATA}")
    assert "is frozen" in disk.refusal("disk_stall", STALL)
    disk.shell(f"fsfreeze --unfreeze {DATA}")


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("/var/lib/nowhere", "no directory"),
        ("/var/lib", "lies on tmpfs"),
        ("/", "the host"),
    ],
)
def test_what_is_refused(disk: FaultyHost, path: str, why: str) -> None:
    assert why in disk.refusal("disk_stall", {"path": path})


def test_the_file_system_of_the_records_is_refused(disk: FaultyHost) -> None:
    disk.shell(f"mkdir -p {DATA}/records; rm -rf /var/lib/chaos-runner")
    disk.shell(f"ln -s {DATA}/records /var/lib/chaos-runner")
    assert "it has /var/lib/chaos-runner" in disk.refusal("disk_stall", STALL)


def test_one_that_logging_needs_is_refused(disk: FaultyHost) -> None:
    disk.shell(f"cp /bin/sleep /run/rsyslogd; true >{DATA}/messages")
    disk.app("log.service", command=f"/bin/sh -c 'exec /run/rsyslogd 1000 >>{DATA}/messages'")
    disk.start("log.service")
    assert "rsyslogd has files" in disk.refusal("disk_stall", STALL)


def test_a_container_is_refused(disk: FaultyHost) -> None:
    disk.stub("systemd-detect-virt", "exit 0")
    assert "in a container" in disk.refusal("disk_stall", STALL)
