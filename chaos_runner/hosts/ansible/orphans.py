"""End the processes that a killed Ansible run leaves behind.

Ansible's workers each have a session of their own, so the SIGKILL that ansible-runner sends to
the group on cancel and timeout misses them: they would go on, step by step, after the run was
given up. They are known by an environment variable that names the run's private directory.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path


def end_processes_of(private_directory: Path) -> int:
    """Kill every process whose environment names the private directory; return how many."""
    mark = f"AWX_ISOLATED_DATA_DIR={private_directory}/".encode()
    return sum(_end_if_marked(process, mark) for process in _process_ids())


def _process_ids() -> Iterator[int]:
    own = os.getpid()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != own:
            yield int(entry.name)


def _end_if_marked(process: int, mark: bytes) -> bool:
    """Look and kill through one pidfd: a number that was given to a new process is not hit."""
    try:
        descriptor = os.pidfd_open(process)
    except OSError:
        return False
    try:
        variables = Path(f"/proc/{process}/environ").read_bytes().split(b"\0")
        if not any(variable.startswith(mark) for variable in variables):
            return False
        signal.pidfd_send_signal(descriptor, signal.SIGKILL)
    except OSError:
        return False
    else:
        return True
    finally:
        os.close(descriptor)
