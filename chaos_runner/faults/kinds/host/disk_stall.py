"""Stall a file system, so that every write to it waits."""

from __future__ import annotations

from typing import ClassVar

from chaos_runner.faults.capabilities import FSFREEZE, OWN_CLOCK, SYSTEMD, Capability
from chaos_runner.faults.kind import FaultKind
from chaos_runner.faults.values import AbsolutePath


class DiskStall(FaultKind):
    """Freeze a file system, so that every change waits, and thaw it again.

    A program that writes hangs in the kernel, as on a disk that does not answer, and goes on
    afterwards; nothing is lost. What is in the page cache can be read. A unit that was started
    before holds the freeze, and systemd itself thaws when that unit ends, however it ends.
    """

    kind: ClassVar[str] = "disk_stall"
    needs: ClassVar[frozenset[Capability]] = frozenset({SYSTEMD, OWN_CLOCK, FSFREEZE})
    role_defaults: ClassVar[dict[str, object]] = {"path": "/var/lib/kafka"}

    path: AbsolutePath
    """A directory of the file system: one of its own, which the host does not need for itself."""

    def describe(self) -> str:
        """Return e.g. `stall the file system of /var/lib/kafka`."""
        return f"stall the file system of {self.path}"

    def outcome(self) -> str:
        """Return e.g. `had the file system of /var/lib/kafka stalled`."""
        return f"had the file system of {self.path} stalled"

    def occupied(self) -> str:
        """Return the path: a file system is frozen once."""
        return f"file system of {self.path}"
