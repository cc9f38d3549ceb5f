"""Every tolerance there is: the project's own, and those that installed packages bring along.

A new one of the project's own is a class in a file below `kinds`, and found there.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from chaos_runner.class_discovery import classes_below
from chaos_runner.extensions import Extensions, extensions_of
from chaos_runner.verdict import kinds
from chaos_runner.verdict.families.latency import LatencyTolerance
from chaos_runner.verdict.tolerance import (
    HealthTolerance,
    OutcomeTolerance,
    RecordTolerance,
    Tolerance,
)

ENTRY_POINT_GROUP = "chaos_runner.tolerances"
"""Where a package names its tolerances: `slow_share = "my_package.slow_share:SlowShare"`."""
FAMILIES = (RecordTolerance, HealthTolerance, OutcomeTolerance)
"""What can be judged; each tolerance is of one of them."""


@cache
def extensions() -> Extensions[Tolerance]:
    """Return the tolerances of other packages, and those that cannot be used."""
    taken = {each.key for each in _own()}
    return extensions_of(
        *(ENTRY_POINT_GROUP, Tolerance, "chaos_runner.verdict.tolerance.Tolerance", "key"),
        *(taken, _require_family),
    )


@cache
def tolerances() -> Mapping[str, type[Tolerance]]:
    """Return every tolerance by its key, in the order in which people read them."""
    found = [*_own(), *extensions().usable.values()]
    return {each.key: each for each in sorted(found, key=lambda each: (each.rank, each.key))}


def of_a_while() -> Mapping[str, type[Tolerance]]:
    """Return those that any while can be judged by, and that a safeguard can watch."""
    return {
        key: each for key, each in tolerances().items() if not issubclass(each, OutcomeTolerance)
    }


def of_a_run() -> Mapping[str, type[OutcomeTolerance]]:
    """Return those that only a whole run can be judged by."""
    return {key: each for key, each in tolerances().items() if issubclass(each, OutcomeTolerance)}


def latencies() -> Mapping[str, type[LatencyTolerance]]:
    """Return the percentiles of latencies."""
    return {key: each for key, each in tolerances().items() if issubclass(each, LatencyTolerance)}


def _own() -> list[type[Tolerance]]:
    return [each for each in classes_below(kinds, "key") if issubclass(each, Tolerance)]


def _require_family(tolerance: type[Tolerance]) -> None:
    if not issubclass(tolerance, FAMILIES):
        names = ", ".join(family.__name__ for family in FAMILIES)
        raise ValueError(f"it is of none of the families {names}")
