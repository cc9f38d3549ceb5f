"""End the processes that a killed program of Ansible's leaves behind.

Ansible's workers each have a session of their own, so a SIGKILL to the group, which ansible-runner
sends on cancel and timeout, misses them: they would go on, step by step, after the run was given
up. They are known by an environment variable, such as the one that names a run's private directory.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path


def end_processes_of(private_directory: Path) -> None:
    """Kill every process whose environment names the private directory."""
    end_processes_with("AWX_ISOLATED_DATA_DIR", f"{private_directory}/")


def end_processes_with(name: str, begin: str) -> None:
    """Kill every process in whose environment a variable begins so, and what they start meanwhile.

    `begin` has to be nobody else's.
    """
    mark = f"{name}={begin}".encode()
    while sum(_end_if_marked(process, mark) for process in _process_ids()):
        pass  # what was killed has ended, or is a zombie without an environment, when looked again


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
