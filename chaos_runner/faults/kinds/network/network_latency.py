"""Delay what a host sends, by tc/netem."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import ValidationInfo, field_validator

from chaos_runner.faults.kinds.network.emulation import EmulationFault
from chaos_runner.units import Duration, Percentage, Within, format_duration

Distribution = Literal["uniform", "normal", "pareto", "paretonormal"]

_LONGEST_DELAY = 60.0
"""Seconds. Beyond a minute every Kafka client has given up: that is a partition, not a delay."""
_SHORTEST_DELAY = 0.0001
"""Seconds. The kernel's timers hold packets back no more finely than this."""


class NetworkLatency(EmulationFault):
    """Delay every packet that the targets send (tc/netem).

    What a target forwards for containers and machines passes, and what the way in needs is
    [never touched](../concepts/channels.md#what-stays-open).
    """

    kind: ClassVar[str] = "network_latency"

    delay: Annotated[Duration, Within(_SHORTEST_DELAY, _LONGEST_DELAY, format_duration)]
    """How long each packet is held back, at most 1m."""
    jitter: Annotated[Duration, Within(0.0, _LONGEST_DELAY, format_duration)] | None = None
    """How far the delay varies up and down; at most the delay itself."""
    correlation: Percentage | None = None
    """How much a packet's delay resembles the one before; needs jitter."""
    distribution: Distribution = "uniform"
    """How the jitter is spread; anything but uniform needs jitter."""

    @field_validator("jitter")
    @classmethod
    def _at_most_the_delay(cls, jitter: float | None, info: ValidationInfo) -> float | None:
        delay = info.data.get("delay")
        if jitter is None or delay is None or jitter <= delay:
            return jitter
        raise ValueError(
            f"found `{format_duration(jitter)}`; allowed is at most the delay, "
            f"`{format_duration(delay)}`, since no packet can leave before it was sent"
        )

    @field_validator("correlation", "distribution")
    @classmethod
    def _needs_jitter(cls, value: object, info: ValidationInfo) -> object:
        without_jitter = "jitter" in info.data and not info.data["jitter"]
        if without_jitter and value not in (None, "uniform"):
            raise ValueError("is set without jitter, so it would do nothing; add `jitter`")
        return value

    def describe(self) -> str:
        """Return e.g. `delay 100ms ±10ms to all peers`."""
        spread = f" ±{format_duration(self.jitter)}" if self.jitter else ""
        return f"delay {format_duration(self.delay)}{spread} to {self.traffic()}"

    def outcome(self) -> str:
        """Return e.g. `was slowed by 100 ms`."""
        return f"was slowed by {self.delay * 1000:g} ms"
