"""Say in plain sentences what the fault cost the partitions it could reach, and the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import exp

from chaos_runner.analysis.effects import Effect
from chaos_runner.analysis.interval import Change
from chaos_runner.report.story.client_view import ClientView

NOTICEABLE = 0.05
"""Percentage points of availability below which a change is nothing."""
_NOTHING = "nothing"
_NO_LONGER = "no longer than before"
_INTERVAL = (
    "Brackets hold the 95 % interval for what chance may have added, by how the seconds before "
    "scattered; none means that they did not. Another run may differ by more."
)


def effect_sentences(view: ClientView) -> tuple[str, ...]:
    """Return what the fault cost each group, and how far to trust it; empty without groups."""
    effects = [group.effect for group in view.groups if group.effect is not None]
    if not effects:
        return ()
    return (
        f"The fault cost {_costs(effects)}.",
        f"Acknowledgements took {_factors(effects)}.",
        _how_far(effects, view.why_no_control),
    )


def _costs(effects: Sequence[Effect]) -> str:
    costs = [_availability_cost(effect) for effect in effects]
    if set(costs) == {_NOTHING}:
        return "no group of partitions any availability"
    first, *others = [
        (effect.group.partitions, cost) for effect, cost in zip(effects, costs, strict=True)
    ]
    return "; ".join((" ".join(first), *(f"{group}: {cost}" for group, cost in others)))


def _factors(effects: Sequence[Effect]) -> str:
    factors = [_latency_cost(effect) for effect in effects]
    if set(factors) == {_NO_LONGER}:
        return f"{_NO_LONGER} in every group of partitions"
    first, *others = [
        (effect.group.partitions, factor) for effect, factor in zip(effects, factors, strict=True)
    ]
    return "; ".join(
        (f"{first[1]} on {first[0]}", *(f"on {group}: {factor}" for group, factor in others))
    )


def _availability_cost(effect: Effect) -> str:
    change = effect.availability
    if change is None:
        return "an unknown share of availability"
    if abs(change.change) < NOTICEABLE:
        return _NOTHING
    interval = _interval(change, lambda value: _points(max(0.0, -value)))
    if not _clear(change):
        return f"nothing that stands out from how much they stray by themselves{interval}"
    if change.change > 0:
        return _NOTHING
    return f"{_points(-change.change)} percentage points of availability{interval}"


def _latency_cost(effect: Effect) -> str:
    change = effect.latency
    if change is None:
        return "an unknown time"
    factor = exp(change.change)
    if 0.9 < factor < 1.1:
        return _NO_LONGER
    interval = _interval(change, lambda value: _times(exp(value)), falling=False)
    least = "at least " if effect.latency_is_bound and factor > 1 else ""
    chance = "" if _clear(change) else " (may be chance)"
    return f"{least}{_times(factor)} times as long{interval}{chance}"


def _clear(change: Change) -> bool:
    """Tell whether a change is more than scatter, as far as there is an interval to tell by."""
    return change.low is None or change.stands_out


def _interval(change: Change, write: Callable[[float], str], *, falling: bool = True) -> str:
    """Return ` [31 to 44]`, smaller cost first; nothing where the seconds before were alike."""
    if change.low is None or change.high is None:
        return " (too few seconds for an interval)"
    ends = (change.high, change.low) if falling else (change.low, change.high)
    low, high = (write(end) for end in ends)
    return "" if low == high else f" [{low} to {high}]"


def _times(factor: float) -> str:
    """Return a factor by its first two digits, without an exponent."""
    two_digits = f"{factor:.2g}"
    return two_digits if factor < 99.5 else f"{float(two_digits):,.0f}"


def _points(value: float) -> str:
    return f"{min(value, 100):.2g}" if value < 10 else f"{min(value, 100):.0f}"


def _how_far(effects: Sequence[Effect], why_no_control: str) -> str:
    held = "while the fault was held, against before it"
    if any(effect.set_off for effect in effects):
        return (
            f"This is the change {held}, less what the partitions of the control group "
            f"went through meanwhile. {_INTERVAL}"
        )
    return (
        f"There is no control group: {why_no_control}. This is the bare change {held}: what "
        f"else happened meanwhile is in it. {_INTERVAL}"
    )
