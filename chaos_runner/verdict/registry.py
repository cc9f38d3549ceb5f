"""Every tolerance there is, found by its class: a new one is a class in a file below `kinds`."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterator, Mapping
from functools import cache

from chaos_runner.verdict import kinds
from chaos_runner.verdict.families.latency import LatencyTolerance
from chaos_runner.verdict.tolerance import OutcomeTolerance, Tolerance


@cache
def tolerances() -> Mapping[str, type[Tolerance]]:
    """Return every tolerance by its key, in the order in which people read them."""
    found = sorted(_classes(), key=lambda each: (each.rank, each.key))
    return {each.key: each for each in found}


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


def _classes() -> Iterator[type[Tolerance]]:
    for found in pkgutil.iter_modules(kinds.__path__, f"{kinds.__name__}."):
        module = importlib.import_module(found.name)
        for _, each in inspect.getmembers(module, inspect.isclass):
            if (
                issubclass(each, Tolerance)
                and each.__module__ == found.name
                and "key" in vars(each)
            ):
                yield each
