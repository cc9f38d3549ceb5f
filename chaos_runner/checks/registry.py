"""Every kind of check: the project's own, and those that installed packages bring along.

A new one of the project's own is a class in a file below `kinds`, and found there.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from chaos_runner.checks import kinds
from chaos_runner.checks.kind import CheckKind
from chaos_runner.class_discovery import classes_below
from chaos_runner.extensions import Extensions, extensions_of

ENTRY_POINT_GROUP = "chaos_runner.checks"
"""Where a package names its kinds of check: `redis = "my_package.redis:Redis"`."""


@cache
def extensions() -> Extensions[CheckKind]:
    """Return the kinds of check of other packages, and those that cannot be used."""
    taken = {each.kind for each in _own()}
    return extensions_of(
        ENTRY_POINT_GROUP, CheckKind, "chaos_runner.checks.kind.CheckKind", "kind", taken
    )


@cache
def check_kinds() -> Mapping[str, type[CheckKind]]:
    """Return every kind of check by its key, in the order of the keys."""
    found = [*_own(), *extensions().usable.values()]
    return {each.kind: each for each in sorted(found, key=lambda each: each.kind)}


def _own() -> list[type[CheckKind]]:
    return [each for each in classes_below(kinds, "kind") if issubclass(each, CheckKind)]
