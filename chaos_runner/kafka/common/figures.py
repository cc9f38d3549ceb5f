"""What is the same in messages that differ in their figures alone."""

from __future__ import annotations

import re

_FIGURES = re.compile(r"\d+(\.\d+)?")


def without_figures(text: str) -> str:
    """Return a text without its numbers."""
    return _FIGURES.sub("", text)
