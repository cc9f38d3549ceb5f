"""The deaths that hit the run: its controller, its terminal, its tasks, its way to the hosts."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from tests.integration.crash_matrix.under_way import Death, UnderWay

SECONDS_HELD_ON = 1.5
"""For so long the guard stays held after a death that cuts the matrix off from the host, too."""
SECONDS_HELD_OUT = 12.0
"""More than two leases of a cell: for so long a fault has to stay that is renewed."""


def controller_killed(cell: UnderWay) -> None:
    """Kill the controller alone; what it started goes on."""
    cell.kill_controller()


def network_gone(cell: UnderWay) -> None:
    """Cut the host off from everybody, until its lease is long over."""
    cell.release(SECONDS_HELD_ON)
    cell.host.cut_off()
    cell.controller.kill()


def interrupted_twice(cell: UnderWay) -> None:
    """Press Ctrl-C, and again while it rolls back."""
    cell.interrupt()
    time.sleep(0.3)
    cell.interrupt()
    cell.release()


def terminal_closed(cell: UnderWay) -> None:
    """Close the terminal: the run gets SIGHUP, and cannot write to it any more."""
    cell.close_terminal()
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
    cell.interrupt()
    cell.release()


def sudo_slow(cell: UnderWay) -> None:
    """Let every new sudo wait for 5 s, as long as a lease; then interrupt the controller."""
    cell.host.run("touch /run/hold/slow-sudo")
    _interrupt_later(cell)


def peer_silent(cell: UnderWay) -> None:
    """Cut the run's other host off until the run has ended, then interrupt the controller."""
    assert cell.peer
    cell.peer.cut_off()
    try:
        _interrupt_later(cell)
        cell.controller.wait(timeout=240)
    finally:
        cell.peer.let_through()


def _interrupt_later(cell: UnderWay) -> None:
    """Interrupt the controller, after it had a fault to keep for more than two leases."""
    if not cell.held:
        time.sleep(SECONDS_HELD_OUT)
        cell.counted_from = time.monotonic()
    cell.interrupt()
    cell.release()


def two_runs(cell: UnderWay) -> None:
    """Start another run on the same host, then interrupt the first."""
    second = cell.start_another()
    if cell.held:
        time.sleep(2.0)
    cell.release()
    cell.second_code = second.wait(timeout=300)
    cell.interrupt()


def unreachable(cell: UnderWay) -> None:
    """Cut the host off from just before the roll-back until the run has ended."""
    cell.release(SECONDS_HELD_ON)
    cell.host.cut_off()
    cell.interrupt()
    cell.controller.wait(timeout=240)
    cell.host.let_through()
    cell.counted_from = time.monotonic()


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


RUN_DEATHS = {
    "controller killed": Death(controller_killed),
    "network of the controller gone": Death(network_gone),
    "Ctrl-C twice": Death(interrupted_twice),
    "terminal closed": Death(terminal_closed, in_a_terminal=True),
    "ansible-playbook killed": Death(ansible_killed),
    "sshd stopped": Death(sshd_stopped, undo="systemctl start ssh; systemctl stop sshd-back.timer"),
    "sudo slow by 5 s": Death(sudo_slow, undo="rm -f /run/hold/slow-sudo"),
    "a peer host silent": Death(peer_silent, with_peer=True),
    "two runs at once": Death(two_runs),
    "unreachable at roll-back": Death(unreachable),
}
