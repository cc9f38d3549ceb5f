"""Keep the disk of a host busy."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from chaos_runner.faults.capabilities import SYSTEMD, Capability
from chaos_runner.faults.impact import DEGRADED, Impact, Machine
from chaos_runner.faults.kind import FaultKind
from chaos_runner.faults.values import AbsolutePath
from chaos_runner.units import Size, Within, format_size

_MIB = 1024**2
_MOST_WORKERS = 64
"""More wait for each other in the disk's queue."""


class IoStress(FaultKind):
    """Keep the disk under a file system busy, past the page cache.

    Each worker is a loop of dd over a file of its own, in one transient unit, so nothing has to be
    installed. The files lie in a directory `.chaos-…-io`, which is removed afterwards. A worker
    competes for the disk as any service does, and ends by itself when the lease is over.
    """

    kind: ClassVar[str] = "io_stress"
    needs: ClassVar[frozenset[Capability]] = frozenset({SYSTEMD})
    survives_restart: ClassVar[bool] = True
    role_defaults: ClassVar[dict[str, object]] = {"path": "/var/lib/kafka"}

    path: AbsolutePath
    """A directory of the file system whose disk is meant."""
    access: Literal["write", "read"] = "write"
    """What the workers do with their files, past the page cache where the file system allows it."""
    workers: Annotated[int, Field(ge=1, le=_MOST_WORKERS)] = 4
    """How many there are at a time."""
    block: Annotated[Size, Within(4096, 16 * _MIB, format_size)] = _MIB
    """How much is written or read at once: small ones ask for many operations, large ones for
    much bandwidth."""
    size: Annotated[Size, Within(16 * _MIB, 1024 * 1024 * _MIB, format_size)] = 64 * _MIB
    """How large the file of each worker is. A disk's cache that is larger takes it all."""

    def describe(self) -> str:
        """Return e.g. `write to the disk of /var/lib/kafka by 4 workers`."""
        at = "write to" if self.access == "write" else "read from"
        return f"{at} the disk of {self.path} by {self._who()}"

    def outcome(self) -> str:
        """Return e.g. `had the disk of /var/lib/kafka busy by 4 workers`."""
        return f"had the disk of {self.path} busy by {self._who()}"

    def _who(self) -> str:
        return "1 worker" if self.workers == 1 else f"{self.workers} workers"

    def impact_on(self, machine: Machine) -> Impact:
        """Return that the machine is slower: whether it keeps up is what the experiment shows."""
        return DEGRADED
