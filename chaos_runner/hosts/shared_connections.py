"""Keep SSH connections of Ansible open between runs, in a directory of our own.

Ansible's default directory names a socket by address, port and user. Those are the same in two
network namespaces (two labs side by side), and one lab's connection would serve the other.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import threading
import weakref
from contextlib import suppress
from pathlib import Path


class SharedConnections:
    """Hold the directory of the connections' sockets; it is made on first use.

    The connections end with `close`, at the latest when the object or the process ends; if the
    process is killed, ssh itself ends them a minute after their last use.
    """

    def __init__(self, parent: Path) -> None:
        self._parent = parent
        self._lock = threading.Lock()
        self._ending: weakref.finalize[[Path], SharedConnections] | None = None
        self._directory: Path | None = None

    @property
    def directory(self) -> Path:
        """Return the directory for sockets, readable by this user only."""
        with self._lock:
            if self._directory is None:
                self._directory = Path(tempfile.mkdtemp(prefix="cr-", dir=self._parent))
                self._ending = weakref.finalize(self, _end_connections, self._directory)
            return self._directory

    def close(self) -> None:
        """End the connections and remove the directory; a later use makes another."""
        with self._lock:
            if self._ending is not None:
                self._ending()
            self._directory = None


def _end_connections(directory: Path) -> None:
    for socket in directory.glob("*"):  # nothing, where somebody tidied the directory away
        with suppress(OSError, subprocess.SubprocessError):
            subprocess.run(
                ["ssh", "-O", "exit", "-o", f"ControlPath={socket}", "unused"],
                capture_output=True,
                timeout=5,
                check=False,
            )
    shutil.rmtree(directory, ignore_errors=True)
