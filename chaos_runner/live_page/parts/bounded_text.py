"""Texts of hosts, brokers and people, as the page gets them: it shows them as text alone. Pure."""

from __future__ import annotations

from chaos_runner.shown import without_unseen

LONGEST = 1000
"""Characters of one text."""


def text_of(text: str) -> str:
    """Return a text as the page gets it: without invisible characters, and not too long."""
    text = without_unseen(text)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
