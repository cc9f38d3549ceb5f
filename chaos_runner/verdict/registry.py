"""Every tolerance there is, found by its class: a new one is a class in a file below `kinds`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from chaos_runner.class_discovery import classes_below
from chaos_runner.verdict import kinds
from chaos_runner.verdict.families.latency import LatencyTolerance
from chaos_runner.verdict.tolerance import OutcomeTolerance, Tolerance


@cache
def tolerances() -> Mapping[str, type[Tolerance]]:
    """Return every tolerance by its key, in the order in which people read them."""
    found = [each for each in classes_below(kinds, "key") if issubclass(each, Tolerance)]
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
