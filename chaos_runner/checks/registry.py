"""Every kind of check, found by its class: a new one is a class in a file below `kinds`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from chaos_runner.checks import kinds
from chaos_runner.checks.kind import CheckKind
from chaos_runner.class_discovery import classes_below


@cache
def check_kinds() -> Mapping[str, type[CheckKind]]:
    """Return every kind of check by its key, in the order of the keys."""
    found = [each for each in classes_below(kinds, "kind") if issubclass(each, CheckKind)]
    return {each.kind: each for each in sorted(found, key=lambda each: each.kind)}
