"""Tell what no run would ever write into its journal, before anything is computed from it.

A journal may come from a stranger. Numbers beyond all measure would make a report compute for
hours, or not at all; so would a structure that is too large or nested too deeply. Pure.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from chaos_runner.units import printable

LARGEST_NUMBER = 2**63
"""Offsets in Kafka and seeds have 63 bits; nothing a run counts or measures has more."""
LONGEST = 10 * 366 * 86_400.0
"""Seconds: a `recover` may come years after its run, but not ten."""
DEEPEST = 50
MOST_VALUES_OF_AN_EXPERIMENT = 100_000
"""Five times what an experiment file may hold: defaults are filled in."""

_MOMENTS = frozenset({"elapsed", "start", "end", "since", "duration", "lease", "cap"})
_TO_ZEROS = bytes.maketrans(b"123456789E", b"000000000e")
_MAY_BE_LARGE = (b"000000000", b"0e", b"NaN", b"Infinity")
"""Digits as zeros: a number of eight digits without an exponent is below all limits."""
_TEXT = re.compile(rb'"[^"]*"')
_ALL_BUT_BRACKETS = bytes(set(range(256)) - set(b'[]{}"'))


def is_modest(line: bytes) -> bool:
    """Tell whether a line of a journal can hold nothing absurd, from its bytes alone.

    Most lines are, so that they are not looked through value by value.
    """
    plain = line.translate(_TO_ZEROS)
    for sign in _MAY_BE_LARGE:
        if sign in plain:
            return False
    return _is_shallow(line)


def _is_shallow(line: bytes) -> bool:
    if line.count(b"{") + line.count(b"[") <= DEEPEST:
        return True
    if b"\\" in line:  # the end of a text with an escape is not found here
        return False
    # Most texts hold no bracket: nothing is left of them but their quotation marks.
    brackets = _TEXT.sub(b"", line.translate(None, _ALL_BUT_BRACKETS).replace(b'""', b""))
    for _ in range(DEEPEST):
        brackets = brackets.replace(b"[]", b"").replace(b"{}", b"")
    return not brackets


def absurdity_in(event: dict[str, object]) -> str:
    """Return what no run writes in one parsed line of a journal, in words; empty if nothing."""
    values = sum(1 for _ in _walk(event.get("experiment"), 0, ""))
    if values > MOST_VALUES_OF_AN_EXPERIMENT:
        return f"holds an experiment of {values:,} values"
    return next((words for words in _absurdities(event) if words), "")


def _absurdities(event: dict[str, object]) -> Iterator[str]:
    for depth, name, value in _walk(event, 0, ""):
        if depth > DEEPEST:
            yield f"is nested deeper than {DEEPEST} levels"
        elif isinstance(value, float) and not math.isfinite(value):
            yield f"{printable(name)}: is no number that could have been measured"
        elif isinstance(value, int | float) and abs(value) > LARGEST_NUMBER:
            yield f"{printable(name)}: is larger than any number that a run counts"
        elif name in _MOMENTS and isinstance(value, int | float) and abs(value) > LONGEST:
            yield f"{printable(name)}: is longer than ten years"


def _walk(value: object, depth: int, name: str) -> Iterator[tuple[int, str, object]]:
    """Yield each value with its depth and the key it stands under, without going too deep."""
    yield depth, name, value
    if depth > DEEPEST:
        return
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _walk(inner, depth + 1, key)
    elif isinstance(value, list):
        for inner in value:
            yield from _walk(inner, depth + 1, name)
