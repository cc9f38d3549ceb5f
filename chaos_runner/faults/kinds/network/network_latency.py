"""Delay what a host sends or receives, by tc/netem."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, ValidationInfo, field_validator

from chaos_runner.faults.kinds.network.emulation import EmulationFault
from chaos_runner.units import Duration, Percentage, Within, format_duration

Distribution = Literal["uniform", "normal", "pareto", "paretonormal"]

_LONGEST_DELAY = 60.0
"""Seconds. Beyond a minute every Kafka client has given up: that is a partition, not a delay."""
_LONGEST_SLOT = 0.1
"""Seconds. No link collects packets for longer; and pings, 0.2 s apart, each wait for a slot."""
_SHORTEST_DELAY = 0.0001
"""Seconds. The kernel's timers hold packets back no more finely than this."""


class NetworkLatency(EmulationFault):
    """Delay every packet that the targets send or receive (tc/netem).

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
    slot: Annotated[Duration, Within(0.001, _LONGEST_SLOT, format_duration)] | None = None
    """Packets leave in bursts, so long apart: those that come meanwhile wait for the next, as on
    links that many share (radio, cable, mobile); at most 100ms."""
    slot_packets: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    """How many packets a burst has at most; needs slot."""

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

    @field_validator("slot_packets")
    @classmethod
    def _needs_slot(cls, value: int | None, info: ValidationInfo) -> int | None:
        if value is not None and "slot" in info.data and not info.data["slot"]:
            raise ValueError("is set without slot, so it would do nothing; add `slot`")
        return value

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
        slot = f" in bursts {format_duration(self.slot)} apart" if self.slot else ""
        return f"delay {format_duration(self.delay)}{spread}{slot} {self.towards()}"

    def outcome(self) -> str:
        """Return e.g. `was slowed by 100 ms`."""
        each_way = " each way" if self.direction == "both" else ""
        return f"was slowed by {self.delay * 1000:g} ms{each_way}"
