"""Keep SSH connections of Ansible open between runs, in a directory of our own.

Ansible's default directory belongs to every process of the user, and two inventories (two labs
side by side) may have hosts of one name.
"""

from __future__ import annotations

import threading
import weakref
from pathlib import Path

from chaos_runner.hosts.ansible.private_directory import (
    end_connections,
    make_private_directory,
    remove_private_directory,
)


class SharedConnections:
    """The directory of the connections' sockets; it is made on first use.

    The connections end with `close`, at the latest when the object or the process ends; if the
    process is killed, ssh itself ends them a minute after their last use.
    """

    def __init__(self, parent: Path) -> None:
        self._parent = parent
        self._lock = threading.Lock()
        self._ending: weakref.finalize[[Path, int], SharedConnections] | None = None
        self._directory: Path | None = None

    @property
    def directory(self) -> Path:
        """Return the directory for sockets, readable by this user only."""
        with self._lock:
            if self._directory is None:
                self._directory, lock = make_private_directory(self._parent)
                self._ending = weakref.finalize(self, _end, self._directory, lock)
            return self._directory

    def close(self) -> None:
        """End the connections and remove the directory; a later use makes another."""
        with self._lock:
            if self._ending is not None:
                self._ending()
            self._directory = None


def _end(directory: Path, lock: int) -> None:
    end_connections(directory)
    remove_private_directory(directory, lock)
