"""Keep the CPUs of a host busy."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from chaos_runner.faults.capabilities import SYSTEMD, Capability
from chaos_runner.faults.impact import DEGRADED, Impact, Machine
from chaos_runner.faults.kind import FaultKind
from chaos_runner.units import Percentage, Within, format_percentage

_MOST_WORKERS = 4096
"""More than any machine has CPUs; the host itself refuses more than four for each CPU."""


class CpuStress(FaultKind):
    """Keep CPUs of the targets busy, for all or part of their time.

    Each worker is a loop of the shell in one transient unit, so nothing has to be installed. A
    worker takes part in the competition for CPUs as any process does, and ends by itself when the
    lease is over.
    """

    kind: ClassVar[str] = "cpu_stress"
    needs: ClassVar[frozenset[Capability]] = frozenset({SYSTEMD})

    workers: Annotated[int, Field(ge=1, le=_MOST_WORKERS)] | None = None
    """How many there are; one for each CPU when left out."""
    load: Annotated[Percentage, Within(1.0, 100.0, format_percentage)] = 100.0
    """How much of the time of one CPU each worker takes, if it can get it."""
    weight: Annotated[int, Field(ge=1, le=10000)] = 100
    """The unit's `CPUWeight` against each service of the host where CPUs are short; 100 is
    what a service has."""

    def describe(self) -> str:
        """Return e.g. `load every CPU to 80%`."""
        return f"load {self._which()} to {format_percentage(self.load)}"

    def outcome(self) -> str:
        """Return e.g. `had 2 CPUs loaded to 80%`."""
        return f"had {self._which()} loaded to {format_percentage(self.load)}"

    def _which(self) -> str:
        if self.workers is None:
            return "every CPU"
        return "1 CPU" if self.workers == 1 else f"{self.workers} CPUs"

    def impact_on(self, machine: Machine) -> Impact:
        """Return that the machine is slower: whether it keeps up is what the experiment shows."""
        return DEGRADED
