"""Lose packets that a host sends or receives, by tc/netem."""

from __future__ import annotations

from typing import Annotated, ClassVar, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from chaos_runner.faults.kinds.network.emulation import EmulationFault, Share
from chaos_runner.units import Percentage, format_percentage

_NEARLY_ALL = 99.9


class NetworkLoss(EmulationFault):
    """Lose some of the packets that the targets send or receive (tc/netem).

    Each packet is lost or not by itself. With `burst` losses come in bursts (the model of Gilbert
    and Elliott, in which a link is good or bad): so many packets in a row are lost on average, and
    the share of all that are lost stays the same. With `states` in place of `loss` the link has
    four states, as netem's `loss state` has: 1 good, 3 bad, 2 a short good time amid the bad one,
    4 a single loss amid the good one. TCP hands the kernel packets of up to 64 KiB, each of which
    is lost as a whole.
    """

    kind: ClassVar[str] = "network_loss"

    loss: Share | None = None
    """The share of packets that are lost, such as `1%`; needed without `states`."""
    burst: Annotated[float, Field(ge=1.0, le=10_000.0)] | None = None
    """How many packets in a row are lost on average, such as `5`; by default each by itself."""
    correlation: Percentage | None = None
    """How much what happens to a packet resembles what happened to the one before."""
    states: Annotated[list[Percentage], Field(max_length=5)] = Field(default=[])
    """How probable each change between the four states is at each packet, as a list of p13, p31,
    p32, p23 and p14, such as `[1%, 30%]` or `[1%, 20%, 10%, 50%, 0.5%]`; the last three are 0%,
    100% and 0% when left out. Stands in place of `loss`, `burst` and `correlation`."""

    @field_validator("burst")
    @classmethod
    def _can_be(cls, burst: float | None, info: ValidationInfo) -> float | None:
        share = (info.data.get("loss") or 0.0) / 100
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

    @field_validator("states")
    @classmethod
    def _can_follow_one_another(cls, states: list[float]) -> list[float]:
        if not states:
            return states
        if len(states) == 1:
            raise ValueError("found p13 alone; p31 is needed, too")
        p13, p31, p32, p23, p14 = _all_five(states)
        if p13 + p14 > 100 or p31 + p32 > 100:
            raise ValueError("p13 and p14, or p31 and p32, are more than 100% together")
        if p13 + p14 < 0.001:
            raise ValueError("p13 and p14 are 0%, so nothing is lost; give one of them")
        if p31 < 0.001 or (p32 and p23 < 0.001):
            raise ValueError("no way leads back to state 1; p31, and p23 beside p32, are above 0%")
        return states

    @model_validator(mode="after")
    def _is_either(self) -> Self:
        if bool(self.states) == (self.loss is not None):
            raise ValueError("give either `loss` or `states`")
        if self.states and (self.burst or self.correlation):
            raise ValueError("`states` says how losses follow one another; leave the others out")
        return self

    def share(self) -> float:
        """Return the percentage of packets that are lost, by `loss` or, in the long run, states."""
        if self.loss is not None:
            return self.loss
        p13, p31, p32, p23, p14 = _all_five(self.states)
        amid, bad, single = p13 / p31 * p32 / p23 if p32 else 0.0, p13 / p31, p14 / 100
        return round(100 * (bad + single) / (1 + amid + bad + single), 3)

    def lets_nothing_pass(self) -> bool:
        """Tell whether every packet is lost; one in a thousand opens no connection."""
        return self.share() >= _NEARLY_ALL

    def describe(self) -> str:
        """Return e.g. `lose 1% in bursts of 5 to all peers`."""
        how = f" in bursts of {self.burst:g}" if self.burst else ""
        if self.states:
            how = f" by states {', '.join(map(format_percentage, self.states))}"
        return f"lose {format_percentage(self.share())}{how} {self.towards()}"

    def outcome(self) -> str:
        """Return e.g. `lost 1% of what it sent`."""
        return f"lost {format_percentage(self.share())} of what it {self.has_done()}"


def _all_five(states: list[float]) -> list[float]:
    return [*states, *(0.0, 100.0, 0.0)[len(states) - 2 :]]
