"""What normal is: the tolerances of the steady state, and the safeguards that end a fault early."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from chaos_runner.faults import WrittenModel
from chaos_runner.measurements.model import GROUP_STATUSES
from chaos_runner.units import Duration, Percentage, Within, format_duration

_SHORTEST_LIMIT = 0.001
_LONGEST_LIMIT = 3600.0

COMMAND_INTERVAL = 5.0
COMMAND_TIMEOUT = 10.0
"""Seconds; the defaults of a safeguard's command."""

_PLACES: dict[object, int] = {
    "active": 1,
    **{status: place for place, status in enumerate(GROUP_STATUSES)},
}


def _one_argument(text: str) -> str:
    if "\0" in text:
        raise ValueError("found a null character, which no argument of a program may hold")
    return text


Argument = Annotated[str, Field(max_length=4096), AfterValidator(_one_argument)]
PartitionCount = Annotated[int, Field(ge=0, le=1_000_000)]

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
    under_replicated_partitions: PartitionCount | None = None
    """At most this many partitions of the cluster may lack a replica in sync."""
    under_min_isr_partitions: PartitionCount | None = None
    """At most this many partitions may have fewer replicas in sync than `acks=all` needs."""
    offline_partitions: PartitionCount | None = None
    """At most this many partitions may be without a leader."""
    brokers: int | None = Field(default=None, ge=1, le=100_000)
    """At least this many brokers must be alive, as the cluster says."""
    controller: Literal["active"] | None = None
    """The active controller must answer."""
    group_lag: int | None = Field(default=None, ge=0, le=10**15)
    """At most so many records may each consumer group of `kafka.groups` be behind."""
    group_status: Literal["OK", "WARN", "STALL", "STOP"] | None = None
    """No consumer group of `kafka.groups` may be worse than this, by Burrow's rules."""

    def limits(self) -> dict[str, float | int]:
        """Return the tolerances that are set: percent, seconds, a count, or a place in an order.

        The places are those of GROUP_STATUSES; an active controller is 1.
        """
        values = {name: getattr(self, name) for name in Tolerances.model_fields}
        return {
            name: _PLACES.get(value, value) for name, value in values.items() if value is not None
        }


class OutcomeTolerances(WrittenModel):
    """Offer what only a whole run can tell; each is judged in the one phase that shows it."""

    recovery: Annotated[Duration, Within(1.0, 86_400.0, format_duration)] | None = None
    """So soon after the verified roll-back ten good seconds in a row must have begun."""
    outage: Annotated[Duration, Within(1.0, 86_400.0, format_duration)] | None = None
    """No partition may be without an acknowledgement for longer, from inject to recovery."""
    control_availability: Percentage | None = None
    """At least this share of the records due on partitions without a replica on a target must
    be acknowledged, from inject to recovery."""

    def outcomes(self) -> dict[str, float]:
        """Return those that are set: seconds, or percent."""
        values = {name: getattr(self, name) for name in OutcomeTolerances.model_fields}
        return {name: value for name, value in values.items() if value is not None}


class SteadyState(Tolerances, OutcomeTolerances):
    """What normal is; by default, that no acknowledged record is lost."""

    loss: Percentage = 0.0
    """At most this share of the acknowledged records may be lost."""


class Safeguard(Tolerances):
    """End the faults early when one tolerance is exceeded, or a command fails, for a while."""

    command: list[Argument] | None = Field(default=None, min_length=1, max_length=100)
    """A program and its arguments, run on this machine without a shell, in the directory of the
    experiment's file; any exit code but 0 exceeds the safeguard, and so does no end in time."""
    interval: Annotated[Duration, Within(1.0, 3600.0, format_duration)] | None = None
    """How often the command is started; by default every 5s."""
    timeout: Annotated[Duration, Within(0.1, 3600.0, format_duration)] | None = None
    """How long the command may take; by default 10s."""
    hold: Annotated[Duration, Within(1.0, 3600.0, format_duration)] = 5.0
    """For how long it must be exceeded without a break."""

    @property
    def every(self) -> float:
        """Return the seconds from one start of the command to the next."""
        return COMMAND_INTERVAL if self.interval is None else self.interval

    @property
    def patience(self) -> float:
        """Return the seconds that the command may take."""
        return COMMAND_TIMEOUT if self.timeout is None else self.timeout

    @model_validator(mode="after")
    def _one_condition(self) -> Safeguard:
        watched = [*self.limits(), *(["command"] if self.command is not None else [])]
        if len(watched) != 1:
            named = ", ".join(f"`{name}`" for name in watched) or "no tolerance"
            raise ValueError(
                f"found {named}; a safeguard watches one tolerance, such as `availability: 90%`, "
                "or one `command`"
            )
        beside = [name for name in ("interval", "timeout") if getattr(self, name) is not None]
        if beside and self.command is None:
            raise ValueError(f"found `{beside[0]}` without a `command`, to which it belongs")
        return self
