"""Slow the disk of a systemd service down."""

from __future__ import annotations

from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from chaos_runner.faults.capabilities import DISK_LIMITS, SYSTEMD, Capability
from chaos_runner.faults.impact import Harm
from chaos_runner.faults.service_fault import ServiceFault
from chaos_runner.faults.values import AbsolutePath
from chaos_runner.units import Size, Within, format_size

_LEAST, _MOST = 4096, 1024**4
"""Bytes a second: a page, and more than a disk has."""

Bandwidth = Annotated[Size, Within(_LEAST, _MOST, format_size)]
Operations = Annotated[int, Field(ge=1, le=1_000_000)]


class DiskSlow(ServiceFault):
    """Limit how fast a systemd service reads and writes a disk.

    systemd sets the limits by the service's control group (`io.max`, or throttling of blkio with
    cgroup v1), and takes them away again; nobody else on the disk is slowed down. cgroup v1 cannot
    slow down writes that go through the page cache, as Kafka's do: only what is read, and what is
    written directly.
    """

    kind: ClassVar[str] = "disk_slow"
    needs: ClassVar[frozenset[Capability]] = frozenset({SYSTEMD, DISK_LIMITS})
    harm: ClassVar[Harm] = Harm.DEGRADED
    role_defaults: ClassVar[dict[str, object]] = {"service": "kafka", "path": "/var/lib/kafka"}

    path: AbsolutePath
    """A directory of a file system on that disk."""
    read: Bandwidth | None = None
    """How many bytes a second it reads at most."""
    write: Bandwidth | None = None
    """How many bytes a second it writes at most."""
    read_operations: Operations | None = None
    """How many reads a second there are at most; with cgroup v2 only."""
    write_operations: Operations | None = None
    """How many writes a second there are at most; with cgroup v2 only."""

    @model_validator(mode="after")
    def _has_a_limit(self) -> Self:
        if not self._limits():
            raise ValueError(
                "limits nothing; set `read`, `write`, `read_operations` or `write_operations`"
            )
        return self

    def _limits(self) -> str:
        limits = [
            self.read and f"{format_size(self.read)}/s read",
            self.write and f"{format_size(self.write)}/s written",
            self.read_operations and f"{self.read_operations} reads/s",
            self.write_operations and f"{self.write_operations} writes/s",
        ]
        return ", ".join(limit for limit in limits if limit)

    def describe(self) -> str:
        """Return e.g. `slow the disk of /var/lib/kafka for service kafka to 1MiB/s written`."""
        return f"slow the disk of {self.path} for service {self.name} to {self._limits()}"

    def outcome(self) -> str:
        """Return e.g. `had the disk of /var/lib/kafka slowed to 1MiB/s written for kafka`."""
        return f"had the disk of {self.path} slowed to {self._limits()} for {self.name}"
