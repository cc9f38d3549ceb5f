"""A service on a host with a real systemd whose disk is slow, and then as before."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.integration.sandbox.guard.sandbox import Answer
from tests.integration.sandbox.service.answers import effect, is_in_place, only_fault, refusal
from tests.integration.sandbox.service.sandbox import SystemdHost
from tests.waiting import wait_until

DATA = "/var/lib/data"
IS_UNIFIED = Path("/sys/fs/cgroup/cgroup.controllers").exists()
LIMIT = 256 * 1024
"""Bytes a second: far less than the slowest disk writes."""
WRITES = (
    f"/bin/sh -c 'while :; do dd if=/dev/zero of={DATA}/x bs=64k count=64 oflag=direct conv=notrunc"
    " 2>/dev/null; done'"
)


def slow(host: SystemdHost, *options: str, lease: int = 300, **limits: int | str) -> Answer:
    role: dict[str, object] = {"disk_slow_service": "app", "disk_slow_path": DATA}
    role |= {f"disk_slow_{name}": value for name, value in limits.items()}
    return host.inject("disk_slow", role, *options, lease=lease)


def refused(host: SystemdHost, **limits: int) -> str:
    return refusal(slow(host, "--check", **limits))


@pytest.fixture
def writer(host: SystemdHost) -> SystemdHost:
    """Give the host an ext4 of its own, and a service that writes to it past the page cache."""
    image = host.path / "disk"
    host.shell(
        f"mkdir {DATA}; truncate -s 64M {image}; mkfs.ext4 -q {image}; mount -o loop {image} {DATA}"
    )
    host.app("app.service", command=WRITES)
    host.start("app.service")
    return host


def rate(host: SystemdHost, seconds: float = 4) -> float:
    """Return how many bytes a second the disk is given."""

    def written() -> int:
        device = host.shell(f"stat -c %Hd:%Ld {DATA}").strip()
        return 512 * int(host.shell(f"cat /sys/dev/block/{device}/stat").split()[6])

    begun, before = time.monotonic(), written()
    wait_until(lambda: time.monotonic() > begun + seconds, "some seconds")
    return (written() - before) / (time.monotonic() - begun)


def test_its_writes_are_slow_until_the_lease_is_over(writer: SystemdHost) -> None:
    assert rate(writer) > 4 * LIMIT
    limit = effect(slow(writer, lease=14, write=LIMIT))["write_limit"]
    assert (limit.value, limit.unit) == (LIMIT, "B/s")
    assert rate(writer) < 2 * LIMIT
    wait_until(lambda: "CLEAN" in str(writer.guard("status").data), "the lease ends it")
    assert rate(writer) > 4 * LIMIT
    fault = only_fault(writer.take_back())
    assert (fault["phase"], fault["by"], fault["healed"]) == ("CLEAN", "lease", True), fault


def test_every_limit_is_the_kernels(writer: SystemdHost) -> None:
    bandwidths = {"read": 8192, "write": 16384}
    operations = {"read_operations": 5, "write_operations": 6}
    if IS_UNIFIED:
        seen = effect(slow(writer, **bandwidths, **operations))
        limits = ("read_operations_limit", "write_operations_limit")
        assert [(seen[name].value, seen[name].unit) for name in limits] == [(5, "/s"), (6, "/s")]
    else:
        assert "limits no operations" in refused(writer, **operations)
        seen = effect(slow(writer, **bandwidths))
    assert (seen["read_limit"].value, seen["write_limit"].value) == (8192, 16384)
    assert seen["written"].unit == "KiB/s"
    assert only_fault(writer.take_back())["healed"] is True


def test_what_somebody_else_set_is_told(writer: SystemdHost) -> None:
    effect(slow(writer, write=LIMIT))
    writer.shell("rm /run/systemd/system/app.service.d/90-chaos-f_1.conf")
    writer.systemctl("daemon-reload")
    wait_until(lambda: not is_in_place(writer), "systemd takes the limit away")
    fault = only_fault(writer.take_back())
    assert (fault["phase"], fault["by"]) == ("CLEAN", "others")


def limited_by_the_kernel(host: SystemdHost) -> bool:
    group = host.systemctl("show", "--value", "-p", "ControlGroup", "app.service")
    files = f"/sys/fs/cgroup{group}/io.max /sys/fs/cgroup/blkio{group}/blkio.throttle.write_bps_*"
    return str(LIMIT) in host.shell(f"cat {files} 2>/dev/null || :")


def test_no_limit_stays_where_others_keep_the_controller_on(writer: SystemdHost) -> None:
    # For them systemd leaves the control group its files, and forgets what it wrote there.
    writer.app("app.service", command=WRITES, service="IOAccounting=yes")
    writer.systemctl("daemon-reload")
    writer.systemctl("restart", "app.service")
    effect(slow(writer, write=LIMIT))
    assert limited_by_the_kernel(writer)
    fault = only_fault(writer.take_back())
    assert (fault["phase"], fault["healed"]) == ("CLEAN", True), fault
    assert not limited_by_the_kernel(writer)


def test_no_limit_stays_on_a_disk_that_was_unmounted(writer: SystemdHost) -> None:
    writer.app("app.service", command=WRITES, service="IOAccounting=yes")
    writer.systemctl("daemon-reload")
    writer.systemctl("restart", "app.service")
    effect(slow(writer, write=LIMIT))
    writer.shell(f"umount -l {DATA}")
    assert not is_in_place(writer)
    fault = only_fault(writer.take_back())
    assert (fault["phase"], fault["by"]) == ("CLEAN", "others"), fault
    assert not limited_by_the_kernel(writer)


def test_what_is_refused(writer: SystemdHost) -> None:
    assert "no limit is given" in refused(writer)
    elsewhere = slow(writer, "--check", path="/var/lib", write=LIMIT)
    assert "no single disk" in refusal(elsewhere)
    writer.app("app.service", command=WRITES, service="# changed")
    assert "has not read the files" in refused(writer, write=LIMIT)
    own = f"IOWriteBandwidthMax={DATA} 1M"
    writer.app("app.service", command=WRITES, service=own)
    writer.systemctl("daemon-reload")
    wait_until(lambda: "limited already" in str(slow(writer, "--check", write=LIMIT).data or {}))
