"""The moments of a run that times are counted from, and such a time."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

from chaos_runner.measurements.reason import Reason, ReasonCode


@dataclass(frozen=True)
class Moments:
    """When things happened, all on the clock of the buckets; None where they did not."""

    on: float
    """When the first host had a fault."""
    roll_back: float | None
    """When the last fault was told to end."""
    verified: float | None
    """When every host was proved to be as before."""
    end: float
    """The end of the last second in which a record was due."""
    first_off: float | None = None
    """When no fault was on any more for the first time, where one came later."""

    @property
    def first_stretch_end(self) -> float | None:
        """Return when the first stretch with a fault on was over; None where it was not."""
        return self.roll_back if self.first_off is None else self.first_off


class Time(BaseModel):
    """One time in seconds, or why there is none."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    seconds: float | None
    censored: bool = False
    """True when it is more than `seconds`, by an unknown lot."""
    reason: Reason | None = None
    """Why it is censored, or why there is none; of an outage, where it was."""


def no_time(code: ReasonCode) -> Time:
    """Return that there is no time, and why."""
    return Time(seconds=None, reason=Reason(code=code))


def since(moment: float, later: float) -> float:
    """Return the seconds from one moment to another, to a tenth; what began before it is zero."""
    return round(max(0.0, later - moment), 1)
