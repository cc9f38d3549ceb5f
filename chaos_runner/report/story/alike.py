"""Tell which notices are alike: they differ in their numbers alone, or one counts for several."""

from __future__ import annotations

import re

_HELD_BACK = re.compile(r" \(and (\d+) more of this kind\)")
"""How many notices of a kind the probe had held back, as it says at the end of the next one."""
_NUMBERS = re.compile(r"\d+(\.\d+)?")


def bare(text: str) -> str:
    """Return a notice without what it says of others of its kind."""
    return _HELD_BACK.sub("", text)


def kind_of(text: str) -> str:
    """Return what is the same in all notices of a kind."""
    return _NUMBERS.sub("", bare(text))


def held_back_in(text: str) -> int:
    """Return for how many others of its kind a notice counts, too."""
    held = _HELD_BACK.search(text)
    return int(held[1]) if held else 0
