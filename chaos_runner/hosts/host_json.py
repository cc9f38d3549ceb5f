"""Read JSON that a host sent: it may hold anything, and what is odd in it is no JSON at all."""

from __future__ import annotations

import json
from collections.abc import Sequence

from chaos_runner.hosts.readable import harmless

LONGEST_LINE = 1_048_576
"""Characters of a line that is looked at; the longest honest answer has some thousands."""
DEEPEST = 20
"""Levels of lists and objects; an honest answer has four."""
LARGEST_NUMBER = 2**63
"""No number that a host counts, clocks in nanoseconds included, comes near it."""


def json_object(line: str) -> dict[str, object] | None:
    """Return the JSON object that a line is, or None where it is none.

    No object either: one with a key twice, with NaN or a number beyond all measure, or nested
    too deep. Texts in it come back harmless to show.
    """
    if not line.startswith("{") or len(line) > LONGEST_LINE:
        return None
    try:
        data = _clean(json.loads(line, object_pairs_hook=_object, parse_constant=_no_number), 0)
    except (ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) else None


def _object(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    data = dict(pairs)
    if len(data) != len(pairs):
        raise ValueError("a key stands there twice")
    return data


def _no_number(name: str) -> object:
    raise ValueError(f"{name} is no number")


def _clean(value: object, depth: int) -> object:
    if depth > DEEPEST:
        raise ValueError("nested too deep")
    match value:
        case str():
            return harmless(value)
        case bool() | None:
            return value
        case int() | float():
            if not abs(value) < LARGEST_NUMBER:  # NaN is not less than anything either
                raise ValueError("a number beyond all measure")
            return value
        case list():
            return [_clean(item, depth + 1) for item in value]
        case dict():
            return {harmless(key): _clean(item, depth + 1) for key, item in value.items()}
    raise ValueError("no JSON")
