"""Measured numbers in words, a share with the interval in which it lies."""

from __future__ import annotations

from math import sqrt

_DEVIATIONS = 1.96
"""Of a normal distribution, 95 % lie so many standard deviations about its mean."""


def share(hits: int, total: int) -> str:
    """Return e.g. `9.8 % of 20000 (9.4 to 10.2 %)`: the interval is Wilson's, of 95 %."""
    if not total:
        return "none of 0"
    observed, squared = hits / total, _DEVIATIONS**2
    middle = (observed + squared / (2 * total)) / (1 + squared / total)
    about = sqrt(observed * (1 - observed) / total + squared / (4 * total**2))
    about *= _DEVIATIONS / (1 + squared / total)
    low, high = max(0.0, middle - about), min(1.0, middle + about)
    return f"{observed:.1%} of {total} ({low:.1%} to {high:.1%})".replace("%", " %")


def mean(values: list[float], unit: str) -> str:
    """Return e.g. `100.4 ms (100.1 to 100.7 ms)`: the mean, and the interval of 95 % of it."""
    if len(values) < 2:
        return "nothing"
    middle = sum(values) / len(values)
    variance = sum((value - middle) ** 2 for value in values) / (len(values) - 1)
    about = _DEVIATIONS * sqrt(variance / len(values))
    return f"{middle:.1f} {unit} ({middle - about:.1f} to {middle + about:.1f} {unit})"
