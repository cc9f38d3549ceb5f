"""The deaths of the crash matrix. Each is handed a cell that is under way, and kills."""

from __future__ import annotations

import subprocess
import time
from contextlib import suppress

from chaos_runner.hosts.ssh.channel import RescueError
from tests.integration.crash_matrix.disk_deaths import DISK_DEATHS
from tests.integration.crash_matrix.run_deaths import RUN_DEATHS
from tests.integration.crash_matrix.under_way import Death, UnderWay


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
    cell.host.channel.close()


def guard_killed(cell: UnderWay) -> None:
    """Kill every process of the guard on the host, its watchdog included; and the controller."""
    cell.host.run(
        "for process in /proc/[0-9]*; do "
        "case $(tr '\\0' ' ' 2>/dev/null <$process/cmdline) in *'chaos-''guard '*) "
        "kill -9 ${process#/proc/} ;; esac; done"
    )
    cell.kill_controller()


def reloaded(cell: UnderWay) -> None:
    """Reload systemd and execute it anew, after the controller died."""
    cell.kill_controller()
    cell.host.run("/usr/bin/systemctl daemon-reload; /usr/bin/systemctl daemon-reexec")


def clock_moved_back(cell: UnderWay) -> None:
    """Move the wall clock back an hour, after the controller died."""
    cell.kill_controller()
    cell.host.run("date -s @$(($(date +%s) - 3600)) >/dev/null")


def python_removed(cell: UnderWay) -> None:
    """Leave no Python on the host, then interrupt the controller."""
    cell.host.run("for one in /usr/bin/python3*; do mv $one /root/; done")
    cell.interrupt()
    cell.release()


def ruleset_flushed(cell: UnderWay) -> None:
    """Flush every rule of the host, as somebody else might; the run goes on to its end."""
    cell.host.run("/usr/sbin/nft flush ruleset")
    cell.release()
    # Before the fault is on there is nothing of it to flush, and the run would go on. An emulated
    # machine takes half a minute to see what is gone, and to put the rest back.
    with suppress(subprocess.TimeoutExpired):
        cell.controller.wait(timeout=60)
    cell.interrupt()


DEATHS = {
    **RUN_DEATHS,
    "host rebooted": Death(host_rebooted),
    "chaos-guard killed": Death(guard_killed),
    "daemon-reload and daemon-reexec": Death(reloaded),
    "wall clock back an hour": Death(
        clock_moved_back, undo="date -s @$(($(date +%s) + 3600)) >/dev/null"
    ),
    "Python removed": Death(python_removed, undo="mv /root/python3* /usr/bin/"),
    "nft flush ruleset": Death(ruleset_flushed),
    **DISK_DEATHS,
}
