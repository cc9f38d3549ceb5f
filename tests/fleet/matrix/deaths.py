"""The deaths of the crash matrix. Each is handed a cell that is under way, and kills."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from chaos_runner.hosts.rescue import RescueError
from tests.fleet.matrix.host import MatrixHost

SECONDS_HELD_ON = 1.5
"""For so long the guard stays held after a death that cuts the matrix off from the host, too."""


@dataclass
class UnderWay:
    """Hold what a death can get at, and what it leaves to be checked."""

    host: MatrixHost
    controller: subprocess.Popen[bytes]
    start_another: Callable[[], subprocess.Popen[bytes]]
    held: bool
    counted_from: float = field(default_factory=time.monotonic)
    """When the host could begin to come back: the death, or its end where nobody may touch it."""
    second_code: int | None = None
    """The exit code of a second run on the same host."""

    def release(self, after: float = 0.0) -> None:
        """Let a held guard go on."""
        if self.held:
            self.host.release(after)


def controller_killed(cell: UnderWay) -> None:
    """Kill the controller alone; what it started goes on."""
    cell.controller.kill()
    cell.release()


def network_gone(cell: UnderWay) -> None:
    """Cut the host off from everybody, until its lease is long over."""
    cell.release(SECONDS_HELD_ON)
    cell.host.cut_off()
    cell.controller.kill()


def interrupted_twice(cell: UnderWay) -> None:
    """Press Ctrl-C, and again while it rolls back."""
    cell.controller.send_signal(signal.SIGINT)
    time.sleep(0.3)
    cell.controller.send_signal(signal.SIGINT)
    cell.release()


def ansible_killed(cell: UnderWay) -> None:
    """Kill ansible-playbook in the middle of its task; the controller lives."""
    for process in _descendants(cell.controller.pid):
        if b"ansible-playbook" in (Path("/proc") / str(process) / "cmdline").read_bytes():
            os.kill(process, signal.SIGKILL)
    cell.release()


def sshd_stopped(cell: UnderWay) -> None:
    """Let the host accept no new connection, then interrupt the controller."""
    cell.host.run(
        "systemd-run -q --collect --unit=sshd-back --on-active=20 systemctl start ssh; "
        "systemctl stop ssh"
    )
    cell.controller.send_signal(signal.SIGINT)
    cell.release()


def host_rebooted(cell: UnderWay) -> None:
    """Restart at once, without any unit being stopped in order; the controller dies as well."""
    cell.controller.kill()
    # A slow host may be down before it has answered.
    with suppress(RescueError):
        cell.host.run(
            "setsid sh -c 'sleep 0.2; exec /usr/bin/systemctl reboot -ff' "
            ">/dev/null 2>&1 </dev/null &"
        )
    time.sleep(1.0)
    cell.host.hand.close()


def guard_killed(cell: UnderWay) -> None:
    """Kill every process of the guard on the host, its watchdog included; and the controller."""
    cell.host.run(
        "for process in /proc/[0-9]*; do "
        "case $(tr '\\0' ' ' 2>/dev/null <$process/cmdline) in *'sbin/chaos-''guard '*) "
        "kill -9 ${process#/proc/} ;; esac; done"
    )
    cell.controller.kill()
    cell.release()


def reloaded(cell: UnderWay) -> None:
    """Reload systemd and execute it anew, after the controller died."""
    cell.controller.kill()
    cell.release()
    cell.host.run("/usr/bin/systemctl daemon-reload; /usr/bin/systemctl daemon-reexec")


def clock_moved_back(cell: UnderWay) -> None:
    """Move the wall clock back an hour, after the controller died."""
    cell.controller.kill()
    cell.release()
    cell.host.run("date -s @$(($(date +%s) - 3600)) >/dev/null")


def disk_full(cell: UnderWay) -> None:
    """Fill the disk with the guard's records to the last byte, and kill the controller."""
    cell.host.run("cat /dev/zero >/var/lib/chaos-runner/filler 2>/dev/null")
    cell.controller.kill()
    cell.release()


def python_removed(cell: UnderWay) -> None:
    """Leave no Python on the host, then interrupt the controller."""
    cell.host.run("for one in /usr/bin/python3*; do mv $one /root/; done")
    cell.controller.send_signal(signal.SIGINT)
    cell.release()


def ruleset_flushed(cell: UnderWay) -> None:
    """Flush every rule of the host, as somebody else might; the run goes on to its end."""
    cell.host.run("/usr/sbin/nft flush ruleset")
    cell.release()
    # Before the fault is on there is nothing of it to flush, and the run would go on.
    with suppress(subprocess.TimeoutExpired):
        cell.controller.wait(timeout=20)
    cell.controller.send_signal(signal.SIGINT)


def two_runs(cell: UnderWay) -> None:
    """Start another run on the same host, then interrupt the first."""
    second = cell.start_another()
    if cell.held:
        time.sleep(2.0)
    cell.release()
    cell.second_code = second.wait(timeout=120)
    cell.controller.send_signal(signal.SIGINT)


def unreachable(cell: UnderWay) -> None:
    """Cut the host off from just before the roll-back until the run has ended."""
    cell.release(SECONDS_HELD_ON)
    cell.host.cut_off()
    cell.controller.send_signal(signal.SIGINT)
    cell.controller.wait(timeout=240)
    cell.host.let_through()
    cell.counted_from = time.monotonic()


DEATHS: dict[str, Callable[[UnderWay], None]] = {
    "controller killed": controller_killed,
    "network of the controller gone": network_gone,
    "Ctrl-C twice": interrupted_twice,
    "ansible-playbook killed": ansible_killed,
    "sshd stopped": sshd_stopped,
    "host rebooted": host_rebooted,
    "chaos-guard killed": guard_killed,
    "daemon-reload and daemon-reexec": reloaded,
    "wall clock back an hour": clock_moved_back,
    "disk full": disk_full,
    "Python removed": python_removed,
    "nft flush ruleset": ruleset_flushed,
    "two runs at once": two_runs,
    "unreachable at roll-back": unreachable,
}


def _descendants(process: int) -> list[int]:
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(stat.read_text().rpartition(") ")[2].split()[1])
        except OSError:
            continue
        children.setdefault(parent, []).append(int(stat.parent.name))
    found: list[int] = []
    to_look_at = [process]
    while to_look_at:
        own = children.get(to_look_at.pop(), [])
        found += own
        to_look_at += own
    return found
