"""What was observed and what is tolerated, in words."""

from __future__ import annotations

from chaos_runner.units import format_duration, format_percentage
from chaos_runner.verdict.judgement import Limit, Observation, Unit


def limit_words(limit: Limit) -> str:
    """Write a limit as `at most 250ms`, `at least 99%`, `at worst WARN` or `active`."""
    if limit.unit == "status":
        return f"at worst {limit.value}"
    if isinstance(limit.value, str):
        return limit.value
    bound = limit.bound.replace("_", " ")
    if limit.unit == "percent":
        return f"{bound} {format_percentage(limit.value)}"
    return f"{bound} {_number(limit.value, limit.unit)}"


def observation_words(observed: Observation) -> str:
    """Write what was observed as `213ms`, `> 30s`, `99.8%`, `5 (orders)`, `never` or `nothing`."""
    if observed.value is None:
        return "never" if observed.bound == "above" else "nothing"
    text = _value(observed.value, observed.unit)
    text = {"exact": "", "above": "> ", "below": "< "}[observed.bound] + text
    return f"{text} ({observed.group})" if observed.group else text


def share_words(percent: float) -> str:
    """Write a share with at most three decimals; it never rounds to 0% or to 100%."""
    rounded = round(percent, 3)
    if percent > 0 and rounded == 0:
        return "< 0.001%"
    if percent < 100 and rounded == 100:
        return "> 99.999%"
    return format_percentage(rounded)


def _value(value: float | str, unit: Unit) -> str:
    return value if isinstance(value, str) else _number(value, unit)


def _number(value: float, unit: Unit) -> str:
    if unit == "percent":
        return share_words(value)
    return format_duration(value) if unit == "seconds" else f"{value:.0f}"
