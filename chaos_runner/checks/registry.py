"""Every kind of check, found by its class: a new one is a class in a file below `kinds`."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterator, Mapping
from functools import cache

from chaos_runner.checks import kinds
from chaos_runner.checks.kind import CheckKind


@cache
def check_kinds() -> Mapping[str, type[CheckKind]]:
    """Return every kind of check by its key, in the order of the keys."""
    return {each.kind: each for each in sorted(_classes(), key=lambda each: each.kind)}


def _classes() -> Iterator[type[CheckKind]]:
    for found in pkgutil.iter_modules(kinds.__path__, f"{kinds.__name__}."):
        module = importlib.import_module(found.name)
        for _, each in inspect.getmembers(module, inspect.isclass):
            if (
                issubclass(each, CheckKind)
                and each.__module__ == found.name
                and "kind" in vars(each)
            ):
                yield each
