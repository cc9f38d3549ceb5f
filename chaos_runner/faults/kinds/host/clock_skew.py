"""Set the wall clock of a host off."""

from __future__ import annotations

from typing import Annotated, ClassVar, Self

from pydantic import AfterValidator, model_validator

from chaos_runner.faults.capabilities import OWN_CLOCK, SYSTEMD, Capability
from chaos_runner.faults.impact import DEGRADED, Impact, Machine
from chaos_runner.faults.kind import FaultKind
from chaos_runner.units import Offset, Within, format_offset

_LEAST = 1.0
"""Seconds. Less cannot be told for sure from how long it takes to read and set a clock."""
_MOST = 366 * 24 * 3600.0
"""Seconds: a year, in which most certificates run out."""
_FASTEST = 30.0
"""Seconds in a minute: faster would be a row of jumps."""


def _noticeable(offset: float) -> float:
    if abs(offset) < _LEAST:
        raise ValueError(
            f"found `{format_offset(offset)}`; allowed is at least `1s`, to either side"
        )
    return offset


class ClockSkew(FaultKind):
    """Set the wall clock off, at once or by and by, with NTP clients stopped.

    It is set right again by the clock that counts from the start of the host, which nobody can
    set. Timers and jobs whose time is jumped over run, logins that check the time (Kerberos,
    one-time passwords, certificates) may fail meanwhile.
    """

    kind: ClassVar[str] = "clock_skew"
    needs: ClassVar[frozenset[Capability]] = frozenset({SYSTEMD, OWN_CLOCK})
    occupies: ClassVar[str] = "wall clock"
    survives_restart: ClassVar[bool] = True

    offset: (
        Annotated[Offset, Within(-_MOST, _MOST, format_offset), AfterValidator(_noticeable)] | None
    ) = None
    """How far the clock is set, such as `-5m` or `90s`: at least a second, at most 366 days."""
    drift: (
        Annotated[Offset, Within(-_FASTEST, _FASTEST, format_offset), AfterValidator(_noticeable)]
        | None
    ) = None
    """How far it goes wrong in each minute, such as `2s` or `-1s`, in steps of a second or three:
    at least a second, at most 30s. Beside an `offset` it begins there."""

    @model_validator(mode="after")
    def _is_off_somehow(self) -> Self:
        if self.offset is None and self.drift is None:
            raise ValueError("give an `offset`, such as `-5m`, or a `drift`, such as `2s`")
        return self

    def describe(self) -> str:
        """Return e.g. `set the clock back by 5m`."""
        parts = [f"set the clock {self._how_far()}"] if self.offset else []
        if self.drift:
            goes = "lose" if self.drift < 0 else "gain"
            parts.append(f"let the clock {goes} {self._how_fast()}")
        return " and ".join(parts)

    def outcome(self) -> str:
        """Return e.g. `had its clock set forward by 90s`."""
        parts = [f"had its clock set {self._how_far()}"] if self.offset else []
        if self.drift:
            goes = "losing" if self.drift < 0 else "gaining"
            parts.append(f"had its clock {goes} {self._how_fast()}")
        return " and ".join(parts)

    def _how_far(self) -> str:
        way = "back" if (self.offset or 0) < 0 else "forward"
        return f"{way} by {format_offset(abs(self.offset or 0))}"

    def _how_fast(self) -> str:
        return f"{format_offset(abs(self.drift or 0))} a minute"

    def impact_on(self, machine: Machine) -> Impact:
        """Return that the machine disagrees with others: what that does is to be seen."""
        return DEGRADED
