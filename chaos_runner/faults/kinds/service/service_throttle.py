"""Limit what a systemd service gets of its machine, and take the limits away again."""

from __future__ import annotations

from typing import Annotated, ClassVar, Self

from pydantic import model_validator

from chaos_runner.faults.impact import Harm
from chaos_runner.faults.service_fault import ServiceFault
from chaos_runner.faults.values import Matching
from chaos_runner.units import Size, Within, format_size

Quota = Annotated[
    str, Matching("[1-9][0-9]{0,4}%", "processor time in percent of one processor", "50%")
]

_LEAST_MEMORY = 1024**2
"""Bytes. Less than a MiB no process needs."""
_MOST_MEMORY = 1024**4
"""Bytes."""
_LEAST_WEIGHT, _MOST_WEIGHT = 1, 99
"""systemd's least weight; what has no weight has 100."""


class ServiceThrottle(ServiceFault):
    """Limit the processor time, the memory or the disk share of a systemd service of the targets.

    systemd sets the limits by its control group. Limits that the service has already come back
    with roll-back, and somebody else's change during the fault stays. Processor time and disk share
    work with cgroup v1 and v2, memory with v2 only;
    [the role](../../roles/service_throttle/README.md#what-it-refuses) lists what is refused.
    """

    kind: ClassVar[str] = "service_throttle"
    harm: ClassVar[Harm] = Harm.DEGRADED

    cpu: Quota | None = None
    """Processor time at most, in percent of one processor: `150%` is one and a half."""
    memory: Annotated[Size, Within(_LEAST_MEMORY, _MOST_MEMORY, format_size)] | None = None
    """Memory above which the kernel slows it down and takes memory back (`MemoryHigh=`)."""
    io_weight: Annotated[int, Within(_LEAST_WEIGHT, _MOST_WEIGHT, str)] | None = None
    """Its share of a busy disk, 1 to 99, where what has no weight has 100 (`IOWeight=`). It counts
    only for disks whose scheduler is bfq, or with `io.cost`."""

    @model_validator(mode="after")
    def _has_a_limit(self) -> Self:
        if self.cpu is None and self.memory is None and self.io_weight is None:
            raise ValueError("limits nothing; set `cpu`, `memory` or `io_weight`")
        return self

    def _limits(self) -> str:
        limits = [
            self.cpu and f"{self.cpu} CPU",
            self.memory and f"{format_size(self.memory)} memory",
            self.io_weight and f"I/O weight {self.io_weight}",
        ]
        return ", ".join(limit for limit in limits if limit)

    def describe(self) -> str:
        """Return e.g. `throttle service kafka to 50% CPU, 512MiB memory`."""
        return f"throttle service {self.name} to {self._limits()}"

    def outcome(self) -> str:
        """Return e.g. `had kafka throttled to 50% CPU`."""
        return f"had {self.name} throttled to {self._limits()}"
