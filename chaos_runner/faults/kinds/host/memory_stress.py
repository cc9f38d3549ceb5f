"""Take memory of a host."""

from __future__ import annotations

from typing import Annotated, ClassVar, Self

from pydantic import model_validator

from chaos_runner.faults.capabilities import SYSTEMD, Capability
from chaos_runner.faults.impact import DEGRADED, Impact, Machine
from chaos_runner.faults.kind import FaultKind
from chaos_runner.units import (
    Percentage,
    Size,
    Within,
    format_percentage,
    format_size,
)

_MIB = 1024**2


class MemoryStress(FaultKind):
    """Take memory, so that little is left for page cache and services.

    Processes in one transient unit hold it, none of it in swap. They are the first that the kernel
    kills where memory runs out, and end by themselves when the lease is over.
    """

    kind: ClassVar[str] = "memory_stress"
    needs: ClassVar[frozenset[Capability]] = frozenset({SYSTEMD})
    occupies: ClassVar[str] = "available memory"
    role_defaults: ClassVar[dict[str, object]] = {"share": "80%"}

    share: Annotated[Percentage, Within(1.0, 95.0, format_percentage)] | None = None
    """How much of the memory that is available (`MemAvailable`) is taken. In a container, whose
    machine has that memory, only a size is accepted."""
    size: Annotated[Size, Within(_MIB, 4096 * 1024 * _MIB, format_size)] | None = None
    """How much is taken, instead of a share."""

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.share is None) == (self.size is None):
            raise ValueError("allowed is either `share` or `size`, such as `share: 80%`")
        return self

    def describe(self) -> str:
        """Return e.g. `take 80% of the available memory`."""
        return f"take {self._how_much()}"

    def outcome(self) -> str:
        """Return e.g. `had 512MiB of memory taken`."""
        return f"had {self._how_much()} taken"

    def _how_much(self) -> str:
        if self.size is not None:
            return f"{format_size(self.size)} of memory"
        return f"{format_percentage(self.share or 0)} of the available memory"

    def impact_on(self, machine: Machine) -> Impact:
        """Return that the machine is slower: whether it keeps up is what the experiment shows."""
        return DEGRADED
