"""When a fault is put on: from when on and how long, over its hosts in batches, and again."""

from __future__ import annotations

from pydantic import Field, ValidationInfo, field_validator

from chaos_runner.experiment.time_range import Length, Offset, TimeRange, exactly, format_time_range
from chaos_runner.units import format_duration
from chaos_runner.yaml_input.written_model import WrittenModel


class Repeat(WrittenModel):
    """How often a fault is put on in all, and how long after one begin the next may come."""

    times: int = Field(ge=2, le=30)
    """How often in all, 2 to 30."""
    every: Length
    """From one begin to the next, at least: a fault that is still on is waited for."""


class Course(WrittenModel):
    """When a fault is put on. A time may lie between two bounds: `5s to 20s` is drawn by seed."""

    start: Offset | None = None
    """When it is put on, counted from the begin of `during`; by default before that, with all
    others that have no start."""
    duration: Length = exactly(30.0)
    """How long the fault is held, 1s to 24h."""
    serial: int | None = Field(default=None, ge=1, le=10_000)
    """So many hosts at a time, one batch after the other; the steady state comes back between."""
    pause: Offset | None = None
    """How long the hosts of a batch are left in peace, at least, before the next batch."""
    repeat: Repeat | None = None
    """Put it on several times."""
    seed: int | None = Field(default=None, ge=0, le=2**63 - 1)
    """The same seed draws the same times, where a time lies between two bounds; by default 0."""

    @field_validator("pause")
    @classmethod
    def _between_batches(cls, pause: TimeRange | None, info: ValidationInfo) -> TimeRange | None:
        if pause is not None and info.data.get("serial", 1) is None:
            raise ValueError(
                f"found `{format_time_range(pause)}` without `serial`; a pause lies between "
                "batches, such as those of `serial: 1`"
            )
        return pause

    @field_validator("repeat")
    @classmethod
    def _again_after_it_is_over(cls, repeat: Repeat | None, info: ValidationInfo) -> Repeat | None:
        longest = info.data.get("duration", exactly(0.0)).most
        if repeat is not None and repeat.every.least <= longest:
            raise ValueError(
                f"found `every: {format_time_range(repeat.every)}` beside a duration of "
                f"`{format_duration(longest)}`; allowed is more than that, so that the fault is "
                "over before it comes again"
            )
        return repeat
