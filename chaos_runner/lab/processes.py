"""Processes by record: an id with its start time, so that a reused id is never ended.

Imported by the lab's small helper processes: only the standard library here.
"""

from __future__ import annotations

import json
import os
import signal
import time
from dataclasses import asdict, dataclass
from pathlib import Path

_START_TIME = 19
"""Index of `starttime` (field 22 of /proc/PID/stat) among the fields after the command name."""


@dataclass(frozen=True)
class ProcessRecord:
    """One process beyond doubt: `started` is in clock ticks since the machine's boot."""

    pid: int
    started: int
    boot: str

    def alive(self) -> bool:
        """Tell whether exactly this process still runs (a zombie does not)."""
        return self == identify(self.pid)


def identify(pid: int) -> ProcessRecord | None:
    """Return the record of a running process, or None where there is none or only a zombie."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    if fields[0] in "ZX":
        return None
    return ProcessRecord(pid, int(fields[_START_TIME]), _boot_id())


def record_self(path: Path) -> None:
    """Write the calling process's record, whole or not at all."""
    record = identify(os.getpid())
    if record is None:
        raise ProcessLookupError("/proc does not show the calling process")
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(f".{record.pid}")
    draft.write_text(json.dumps(asdict(record)))
    draft.replace(path)


def read_record(path: Path) -> ProcessRecord | None:
    """Read a record, or return None where there is none (or a torn one)."""
    try:
        return ProcessRecord(**json.loads(path.read_text()))
    except (OSError, ValueError, TypeError):
        return None


def recorded_alive(path: Path) -> bool:
    """Tell whether the recorded process runs."""
    record = read_record(path)
    return record is not None and record.alive()


def end_recorded(path: Path, limit: float = 5) -> bool:
    """Kill the recorded process and wait until it is gone; leave any other process alone.

    Returns False when it is still there after `limit` seconds.
    """
    record = read_record(path)
    return record is None or end(record, limit)


def end(record: ProcessRecord, limit: float = 5) -> bool:
    """Kill exactly this process and wait up to `limit` seconds until it is gone."""
    deadline = time.monotonic() + limit
    if record.alive():
        send(record.pid, signal.SIGKILL)
    while record.alive():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def send(pid: int, number: signal.Signals) -> None:
    """Send a signal to a process that may be gone already."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def _boot_id() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
