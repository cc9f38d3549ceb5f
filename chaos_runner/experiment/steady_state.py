"""What normal is: the tolerances of the steady state, and the guards that end a fault early."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from chaos_runner.faults import WrittenModel
from chaos_runner.units import Duration, Percentage, Within, format_duration

_SHORTEST_LIMIT = 0.001
_LONGEST_LIMIT = 3600.0

LatencyLimit = Annotated[Duration, Within(_SHORTEST_LIMIT, _LONGEST_LIMIT, format_duration)]
"""Seconds, 1ms to 1h."""


class Tolerances(WrittenModel):
    """Offer every tolerance as an optional key; what is left out is not judged."""

    loss: Percentage | None = None
    """At most this share of the acknowledged records may be lost."""
    duplicates: Percentage | None = None
    """At most this share of the records may be read more than once."""
    availability: Percentage | None = None
    """At least this share of the records due must be acknowledged."""
    ack_p50: LatencyLimit | None = None
    """Half of the records must be acknowledged within this time."""
    ack_p99: LatencyLimit | None = None
    """99 of 100 records must be acknowledged within this time."""
    ack_max: LatencyLimit | None = None
    """Every record must be acknowledged within this time."""
    end_to_end_p50: LatencyLimit | None = None
    """Half of the records must be read back within this time."""
    end_to_end_p99: LatencyLimit | None = None
    """99 of 100 records must be read back within this time."""
    end_to_end_max: LatencyLimit | None = None
    """Every record must be read back within this time."""
    under_replicated_partitions: int | None = Field(default=None, ge=0, le=1_000_000)
    """At most this many partitions of the cluster may lack a replica in sync."""

    def limits(self) -> dict[str, float | int]:
        """Return the tolerances that are set: percent, seconds, or a count."""
        values = {name: getattr(self, name) for name in Tolerances.model_fields}
        return {name: value for name, value in values.items() if value is not None}


class OutcomeTolerances(WrittenModel):
    """Offer what only a whole run can tell; each is judged in the one phase that shows it."""

    recovery: Annotated[Duration, Within(1.0, 86_400.0, format_duration)] | None = None
    """So soon after the verified roll-back ten good seconds in a row must have begun."""
    blackout: Annotated[Duration, Within(1.0, 86_400.0, format_duration)] | None = None
    """No partition may be without an acknowledgement for longer, from inject to recovery."""
    control_availability: Percentage | None = None
    """At least this share of the records due on partitions without a replica on a target must
    be acknowledged, from inject to recovery."""

    def outcomes(self) -> dict[str, float]:
        """Return those that are set: seconds, or percent."""
        values = {name: getattr(self, name) for name in OutcomeTolerances.model_fields}
        return {name: value for name, value in values.items() if value is not None}


class SteadyState(Tolerances, OutcomeTolerances):
    """Say what normal is; by default, that no acknowledged record is lost."""

    loss: Percentage = 0.0
    """At most this share of the acknowledged records may be lost."""


class Guard(Tolerances):
    """End the faults early when one tolerance is exceeded for a while."""

    hold: Annotated[Duration, Within(1.0, 3600.0, format_duration)] = 5.0
    """For how long it must be exceeded without a break."""

    @model_validator(mode="after")
    def _one_tolerance(self) -> Guard:
        if len(self.limits()) == 1:
            return self
        named = ", ".join(f"`{name}`" for name in self.limits()) or "no tolerance"
        raise ValueError(
            f"found {named}; a guard watches one tolerance, such as `availability: 90%`"
        )
