"""Text from strangers, made fit for formats that other programs read."""

from __future__ import annotations

from chaos_runner.shown import without_unseen

_NOT_IN_XML = {0xFFFE: None, 0xFFFF: None}
"""Characters that XML 1.0 has no way to write, beside those that `without_unseen` drops."""

LONGEST_LINE = 2000
"""Characters; the texts of a run of ours are shorter."""
_LONGEST_READ = 10 * LONGEST_LINE


def plain(text: str) -> str:
    """Return text without characters that are not to be seen, or that XML cannot carry.

    Line ends and tabs stay.
    """
    return without_unseen(text).translate(_NOT_IN_XML)


def plain_line(text: str) -> str:
    """Return the same on one line, cut where other programs would choke on it."""
    line = " ".join(plain(text[:_LONGEST_READ]).split())
    return line if len(line) <= LONGEST_LINE else f"{line[: LONGEST_LINE - 1]}…"
