"""Set the wall clock of a host off."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import AfterValidator

from chaos_runner.faults.capabilities import OWN_CLOCK, SYSTEMD, Capability
from chaos_runner.faults.impact import DEGRADED, Impact, Machine
from chaos_runner.faults.kind import FaultKind
from chaos_runner.units import Offset, Within, format_offset

_LEAST = 1.0
"""Seconds. Less cannot be told for sure from how long it takes to read and set a clock."""
_MOST = 366 * 24 * 3600.0
"""Seconds: a year, in which most certificates run out."""


def _noticeable(offset: float) -> float:
    if abs(offset) < _LEAST:
        raise ValueError(
            f"found `{format_offset(offset)}`; allowed is at least `1s`, to either side"
        )
    return offset


class ClockSkew(FaultKind):
    """Set the wall clock off by an offset, with NTP clients stopped.

    It is set right again by the clock that counts from the start of the host, which nobody can
    set. Timers and jobs whose time is jumped over run, logins that check the time (Kerberos,
    one-time passwords, certificates) may fail meanwhile.
    """

    kind: ClassVar[str] = "clock_skew"
    needs: ClassVar[frozenset[Capability]] = frozenset({SYSTEMD, OWN_CLOCK})
    occupies: ClassVar[str] = "wall clock"
    survives_restart: ClassVar[bool] = True
    role_defaults: ClassVar[dict[str, object]] = {"offset": "-300s"}

    offset: Annotated[Offset, Within(-_MOST, _MOST, format_offset), AfterValidator(_noticeable)]
    """How far the clock is set, such as `-5m` or `90s`: at least a second, at most 366 days."""

    def describe(self) -> str:
        """Return e.g. `set the clock back by 5m`."""
        return f"set the clock {self._how_far()}"

    def outcome(self) -> str:
        """Return e.g. `had its clock set forward by 90s`."""
        return f"had its clock set {self._how_far()}"

    def _how_far(self) -> str:
        way = "back" if self.offset < 0 else "forward"
        return f"{way} by {format_offset(abs(self.offset))}"

    def impact_on(self, machine: Machine) -> Impact:
        """Return that the machine disagrees with others: what that does is to be seen."""
        return DEGRADED
