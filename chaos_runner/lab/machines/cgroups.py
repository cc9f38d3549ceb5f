"""A control group for every container, so that two never share a payload group.

Works on cgroup v2 and on v1 with or without a v2 tree beside it. Standard library only:
the supervisor imports it.
"""

from __future__ import annotations

import errno
import os
import signal
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from chaos_runner.lab.processes import send

PARENT = "chaos-labs"
_UNUSED = frozenset({"cpuset"})
"""A v1 cpuset takes no process before its processors and memory nodes are written."""
_WEIGHTS = {"cpu.shares": (1024, 262144), "cpu.weight": (100, 10000)}
"""How much a group weighs by default, as much as one process, and at most: on v1 and on v2."""


def hierarchies(mounts: str) -> list[Path]:
    """Return the mount points of every cgroup tree named in the text of /proc/mounts."""
    fields = [line.split() for line in mounts.splitlines()]
    return [
        Path(field[1])
        for field in fields
        if field[2] in {"cgroup", "cgroup2"} and not _UNUSED & set(field[3].split(","))
    ]


def groups_of(lab: str, host: str | None = None) -> list[Path]:
    """Return the group of a host (or of a whole lab) in every tree of this machine."""
    mounts = Path("/proc/mounts").read_text()
    below = Path(PARENT, lab) if host is None else Path(PARENT, lab, host)
    return [tree / below for tree in hierarchies(mounts)]


def join(groups: Iterable[Path]) -> None:
    """Make the groups and move the calling process into them."""
    for group in groups:
        group.mkdir(parents=True, exist_ok=True)
        for above in (group.parent, group.parent.parent):
            _weigh_as_its_hosts(above, group)
        (group / "cgroup.procs").write_text(str(os.getpid()))


def _weigh_as_its_hosts(above: Path, host: Path) -> None:
    """Let a lab, or all labs, weigh as many processes as it has hosts.

    By default all hosts together would get the processor time of one process of the machine.
    """
    depth = len(host.parts)
    hosts = sum(len(directory.parts) == depth for directory in _directories(above))
    for name, (each, most) in _WEIGHTS.items():
        if (above / name).exists():
            (above / name).write_text(str(min(most, each * hosts)))


def members(groups: Iterable[Path]) -> list[int]:
    """Return the process ids in the groups and below, a container's first process first."""
    found = {pid for group in groups for pid in _members_below(group)}
    return sorted(found, key=lambda pid: (not _is_first_of_container(pid), pid))


def empty(groups: list[Path], limit: float = 10) -> bool:
    """Kill every member until none is left; False when some are after `limit` seconds.

    The container's first process goes first: the kernel then ends the rest with it.
    """
    deadline = time.monotonic() + limit
    while left := members(groups):
        if time.monotonic() > deadline:
            return False
        for pid in left:
            send(pid, signal.SIGKILL)
        time.sleep(0.05)
    return True


def remove(groups: Iterable[Path]) -> None:
    """Remove the groups and everything below them, the deepest first."""
    for group in groups:
        below = sorted(_directories(group), key=lambda path: len(path.parts), reverse=True)
        for directory in below:
            _remove_when_free(directory)


def remove_parent_when_unused() -> None:
    """Remove the group that all labs share when no lab is left in it."""
    for group in groups_of(""):
        if group.is_dir() and not any(path.is_dir() for path in group.iterdir()):
            group.rmdir()


def _remove_when_free(directory: Path, limit: float = 2) -> None:
    """Remove a group; the kernel may need a moment after the last member has gone."""
    deadline = time.monotonic() + limit
    while True:
        try:
            directory.rmdir()
        except OSError as error:
            if error.errno != errno.EBUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return


def _directories(group: Path) -> Iterator[Path]:
    for directory, _, _ in os.walk(group):
        yield Path(directory)


def _members_below(group: Path) -> Iterator[int]:
    for directory in _directories(group):
        try:
            lines = (directory / "cgroup.procs").read_text().split()
        except OSError:
            continue
        yield from (int(line) for line in lines if line != "0")


def _is_first_of_container(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False
    ids = next((line.split()[1:] for line in status.splitlines() if line.startswith("NSpid")), [])
    return len(ids) > 1 and ids[-1] == "1"
