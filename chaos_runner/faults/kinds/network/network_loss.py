"""Lose packets that a host sends or receives, by tc/netem."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field, ValidationInfo, field_validator

from chaos_runner.faults.kinds.network.emulation import EmulationFault, Share
from chaos_runner.units import Percentage, format_percentage


class NetworkLoss(EmulationFault):
    """Lose some of the packets that the targets send or receive (tc/netem).

    Each packet is lost or not by itself. With `burst` losses come in bursts (the model of Gilbert
    and Elliott, in which a link is good or bad): so many packets in a row are lost on average, and
    the share of all that are lost stays the same. TCP hands the kernel packets of up to 64 KiB,
    each of which is lost as a whole.
    """

    kind: ClassVar[str] = "network_loss"

    loss: Share
    """The share of packets that are lost, such as `1%`."""
    burst: Annotated[float, Field(ge=1.0, le=10_000.0)] | None = None
    """How many packets in a row are lost on average, such as `5`; by default each by itself."""
    correlation: Percentage | None = None
    """How much what happens to a packet resembles what happened to the one before."""

    @field_validator("burst")
    @classmethod
    def _can_be(cls, burst: float | None, info: ValidationInfo) -> float | None:
        share = info.data.get("loss", 0.0) / 100
        if burst is None or burst * (1 - share) >= share:
            return burst
        least = "a cut" if share == 1 else f"bursts of {share / (1 - share):g}"
        raise ValueError(
            f"found `{burst:g}`; a loss of `{format_percentage(share * 100)}` takes {least} or more"
        )

    @field_validator("correlation")
    @classmethod
    def _not_in_bursts(cls, value: float | None, info: ValidationInfo) -> float | None:
        if value is not None and info.data.get("burst") is not None:
            raise ValueError("stands beside `burst`, which says how losses follow one another")
        return value

    def describe(self) -> str:
        """Return e.g. `lose 1% in bursts of 5 to all peers`."""
        burst = f" in bursts of {self.burst:g}" if self.burst else ""
        return f"lose {format_percentage(self.loss)}{burst} {self.towards()}"

    def outcome(self) -> str:
        """Return e.g. `lost 1% of what it sent`."""
        return f"lost {format_percentage(self.loss)} of what it {self.has_done()}"
