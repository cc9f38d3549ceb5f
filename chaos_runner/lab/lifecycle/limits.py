"""The one setting of the machine that a large lab needs raised: inotify instances."""

from __future__ import annotations

from pathlib import Path

from chaos_runner.lab.record import LabRecord, write_whole

_SETTING = Path("/proc/sys/fs/inotify/max_user_instances")
_PER_CONTAINER = 7
"""What a booted Debian uses; root has 128 by default, and the 18th container did not boot."""
_SPARE = 8
"""What the machine itself may use."""


def needed_instances(containers: int) -> int:
    """Return how many inotify instances the machine needs for so many containers."""
    return containers * _PER_CONTAINER + _SPARE


def raise_limits(record: LabRecord) -> str:
    """Raise the setting where the lab needs more, and return what was changed (or nothing)."""
    containers = sum(host.backend == "container" for host in record.spec.hosts)
    needed, before = needed_instances(containers), int(_SETTING.read_text())
    if needed <= before:
        return ""
    write_whole(_memory(record.place.directory), f"{before} {needed}\n")
    _SETTING.write_text(str(needed))
    return f"fs.inotify.max_user_instances raised from {before} to {needed} until `lab down`"


def put_back_limits(directory: Path) -> None:
    """Put the setting back, unless somebody else has changed it since; `directory`: the lab's."""
    memory = _memory(directory)
    if not memory.exists():
        return
    before, raised = memory.read_text().split()
    if _SETTING.read_text().strip() == raised:
        _SETTING.write_text(before)
    memory.unlink()


def _memory(directory: Path) -> Path:
    return directory / "inotify-instances"
