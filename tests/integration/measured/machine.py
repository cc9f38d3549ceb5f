"""What faults of a host and its services do, seen on the host."""

from __future__ import annotations

import time
from itertools import pairwise

from tests.integration.measured.host import DISK, MeasuredHost
from tests.integration.measured.words import mean

_SECONDS = 5
"""For how long a rate is looked at."""
_TICKS = 100
"""Of a second, in /proc/PID/stat."""


_STATE = """
unit=%s
process=$(systemctl show --value -p MainPID $unit)
case $(ps -o stat= -p "$process" 2>/dev/null) in
  '') is='no process' ;;
  T*) is='its process stopped by a signal' ;;
  *) is='its process runs' ;;
esac
echo "$(systemctl is-active $unit), $is"
"""


def state(host: MeasuredHost) -> str:
    """Return the state of the service, and of its process."""
    return host.run(_STATE % "served")


def program(host: MeasuredHost) -> str:
    """Return the state of what is paused by its executable."""
    return host.run(_STATE % "waiting")


def restarts(host: MeasuredHost) -> str:
    """Return how often systemd starts the service anew in a while."""
    count = "systemctl show --value -p NRestarts served"
    before = host.number(count)
    time.sleep(4 * _SECONDS)
    return f"{host.number(count) - before:.0f} restarts in {4 * _SECONDS} s"


def processor_time(host: MeasuredHost) -> str:
    """Return how much processor time the busy service gets."""
    return f"{_used(host, 'busy')} of a processor"


def load(host: MeasuredHost) -> str:
    """Return how much processor time the fault's own unit takes."""
    return f"{_used(host, 'chaos-f_1-load')} of a processor"


def _used(host: MeasuredHost, unit: str) -> str:
    """Return the share of a processor that the processes of a unit use, and have used."""
    group = f"$(systemctl show --value -p ControlGroup {unit})"
    stats = (
        f'group={group}; [ -n "$group" ] || {{ echo 0; exit; }}; '
        "for root in /sys/fs/cgroup /sys/fs/cgroup/systemd; do "
        "[ ! -e $root$group/cgroup.procs ] || cat $root$group/cgroup.procs; done | "
        "while read -r process; do cat /proc/$process/stat 2>/dev/null; done | "
        "sed 's/.*) //' | awk '{ used += $12 + $13 } END { print used + 0 }'"
    )
    uptime = "cut -d ' ' -f 1 /proc/uptime"
    seen = []
    for _ in range(6):
        # Both at once: a session may take seconds to start on a busy machine.
        used, up = host.run(f"({stats}); {uptime}").split()
        seen.append((float(used) / _TICKS, float(up)))
        time.sleep(_SECONDS)
    shares = [
        100 * max(0.0, after[0] - before[0]) / (after[1] - before[1])
        for before, after in pairwise(seen)
    ]
    return mean(shares, "%")


def written(host: MeasuredHost) -> str:
    """Return how fast the disk is written to."""
    sectors = "awk '$3 == \"vda\" { print $10 }' /proc/diskstats"
    before, began = host.number(sectors), host.number("cut -d ' ' -f 1 /proc/uptime")
    time.sleep(_SECONDS)
    after, ended = host.number(sectors), host.number("cut -d ' ' -f 1 /proc/uptime")
    return f"the disk is written at {(after - before) / 2048 / (ended - began):.1f} MiB/s"


def memory(host: MeasuredHost) -> str:
    """Return how much memory the processes of dd hold, which are those of the fault."""
    held = "ps -C dd -o rss= | awk '{ held += $1 } END { print held / 1024 }'"
    return f"{host.number(held):.0f} MiB held"


def room(host: MeasuredHost) -> str:
    """Return how full the file system is."""
    return host.run(
        f"df -P {DISK} | awk 'NR == 2 {{ printf \"%.1f %% full\", $3 * 100 / ($3 + $4) }}'"
    )


def inodes(host: MeasuredHost) -> str:
    """Return how many inodes are left, and whether a file can be made."""
    free = host.run(f"df -Pi {DISK} | awk 'NR == 2 {{ print $4 }}'")
    made = host.run(f"touch {DISK}/new 2>/dev/null && rm {DISK}/new && echo a || echo no")
    return f"{free} inodes free, {made} new file"


def change(host: MeasuredHost) -> str:
    """Return whether a change of the file system is done within a few seconds."""
    done = f"timeout -s KILL 3 sh -c 'touch {DISK}/changed && sync -f {DISK}/changed' && echo done"
    return f"a change is {host.run(f'{done} || echo not done in 3 s')}"


def lines(host: MeasuredHost) -> str:
    """Return how many lines a second are written."""
    count = f"wc -l <{DISK}/flood.log 2>/dev/null || echo 0"
    before, began = host.number(count), host.number("cut -d ' ' -f 1 /proc/uptime")
    time.sleep(_SECONDS)
    after, ended = host.number(count), host.number("cut -d ' ' -f 1 /proc/uptime")
    return f"{(after - before) / (ended - began):.0f} lines/s"


def clock(host: MeasuredHost) -> str:
    """Return how far the host's clock is off that of the control node."""
    before = time.time()
    theirs = host.number("date +%s.%N")
    return f"{theirs - (before + time.time()) / 2:+.1f} s off"


def clock_drift(host: MeasuredHost) -> str:
    """Return how far the host's clock goes wrong, by its uptime, in each minute."""
    read = "echo $(cut -d ' ' -f 1 /proc/uptime) $(date +%s.%N) $(cut -d ' ' -f 1 /proc/uptime)"
    off = []
    for _ in range(2):
        first, wall, last = map(float, host.run(read).split())
        off.append((wall - (first + last) / 2, last))
        time.sleep(6 * _SECONDS)
    rate = 60 * (off[1][0] - off[0][0]) / (off[1][1] - off[0][1])
    return f"the clock drifts by {rate:+.1f} s in a minute"


def boots(host: MeasuredHost) -> str:
    """Return since when the host's first process runs, once it answers."""
    host.reach()
    return f"up for {host.number('ps -o etimes= -p 1'):.0f} s"
