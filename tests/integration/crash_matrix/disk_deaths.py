"""The deaths that hit what the guard has written: disks, memory, the record, the program."""

from __future__ import annotations

from tests.integration.crash_matrix.host import CLEANING
from tests.integration.crash_matrix.under_way import Death, UnderWay

PLACE = "/var/lib/chaos-runner"
JOURNALS = f"/run/chaos-runner/*/journal {PLACE}/*/journal"

FILL = (
    "mkdir {0}/filler && cat /dev/zero >{0}/filler/0 2>/dev/null; i=1; "
    "while true 2>/dev/null >{0}/filler/$i; do i=$((i + 1)); done"
)
"""Use up every byte of a file system, and every inode."""


def disk_full(cell: UnderWay) -> None:
    """Fill the disk with the guard's records, and kill the controller."""
    cell.host.run(FILL.format(PLACE))
    cell.kill_controller()


def disk_read_only(cell: UnderWay) -> None:
    """Let nothing be written under /var/lib, and kill the controller."""
    cell.host.run("mount --bind /var/lib /var/lib && mount -o remount,bind,ro /var/lib")
    cell.kill_controller()


def disk_stalls(cell: UnderWay) -> None:
    """Let the disk take no write any more, without an error, and kill the controller.

    A machine's file system is frozen. In a container, which has none of its own, `sync` and `dd`
    hang: see hold.sh.
    """
    cell.host.run(
        f"if mountpoint -q {PLACE}; then fsfreeze -f {PLACE}; else touch /run/hold/stalled; fi"
    )
    cell.kill_controller()


def memory_full(cell: UnderWay) -> None:
    """Fill /run, of which a little was left, and kill the controller."""
    cell.host.run(
        "grep ' /run tmpfs ' /proc/mounts | grep -o 'size=[^ ]*' >/root/run-options; "
        "set -- $(df -k --output=used,iused /run | tail -n 1); "
        "mount -o remount,size=$(($1 + 64))k,nr_inodes=$(($2 + 16)) /run; " + FILL.format("/run")
    )
    cell.kill_controller()


def record_truncated(cell: UnderWay) -> None:
    """Empty every journal, in memory and on disk, after the controller died."""
    cell.controller.kill()
    cell.host.run(f"for file in {JOURNALS}; do [ ! -e $file ] || true >$file; done")
    cell.release()


def guard_truncated(cell: UnderWay) -> None:
    """Empty the guard's program, after the controller died."""
    cell.controller.kill()
    cell.host.run("true >/usr/local/sbin/chaos-guard")
    cell.release()


DISK_DEATHS = {
    "disk full": Death(
        disk_full,
        prepare=f"mkdir -p {PLACE}; mount -t tmpfs -o size=256k,nr_inodes=256 none {PLACE}",
        undo=f"rm -rf {PLACE}/filler",
        guard_stays=True,
    ),
    "/var/lib read-only": Death(disk_read_only, undo="umount -l /var/lib", guard_stays=True),
    "fsync hangs": Death(
        disk_stalls,
        prepare=(
            f"[ ! -b /dev/loop0 ] || {{ mkdir -p {PLACE} && truncate -s 16M /root/disk && "
            f"mkfs.ext4 -q -F /root/disk && mount -o loop /root/disk {PLACE}; }}"
        ),
        undo=f"! mountpoint -q {PLACE} || fsfreeze -u {PLACE}; rm -f /run/hold/stalled",
        guard_stays=True,
    ),
    "/run full": Death(
        memory_full,
        prepare=f"systemctl stop {CLEANING} {CLEANING.replace('timer', 'service')}",
        undo="rm -rf /run/filler; mount -o remount,$(cat /root/run-options) /run",
    ),
    "record truncated": Death(record_truncated),
    "guard truncated": Death(guard_truncated),
}
