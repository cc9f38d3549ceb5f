"""Show text that somebody else wrote: hosts, brokers, journals, experiment files.

A terminal obeys control characters: they paint over what stands there, set its title, fill its
clipboard. Those that turn the direction of text around make one word look like another.
"""

from __future__ import annotations

import re
import shlex

_UNSEEN = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"  # invisible
    "\u200b\u200e\u200f\u2028-\u202e\u2800\u3164\uffa0"  # and what turns the direction
    "\u2060-\u206f\ufeff\ufff0-\ufffb"
    "\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\ud800-\udfff\U000e0000-\U000e0fff"  # halves of characters, and tags
)
_JOINERS = r"(?<=[!-~])[\u200c\u200d]|[\u200c\u200d](?=[!-~])"
"""What joins letters of Persian, or two pictures to one, and is nothing beside ASCII."""
_MARK = r"[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
_ON_PILE = f"(?<={_MARK * 4}){_MARK}"
"""A fifth mark over or under one letter: piles of them paint over the lines around."""
_IN_TEXT = re.compile(f"[\x00-\x08\x0b-\x1f\x7f-\x9f{_UNSEEN}]|{_JOINERS}|{_ON_PILE}")
_IN_ASCII_TEXT = re.compile("[\x00-\x08\x0b-\x1f\x7f]")
_IN_LINE = re.compile(f"[\x00-\x1f\x7f-\x9f{_UNSEEN}]|{_JOINERS}|{_ON_PILE}")


def shown(text: str) -> str:
    """Return text in which every control or invisible character is written out.

    Line ends and tabs stay.
    """
    pattern = _IN_ASCII_TEXT if text.isascii() else _IN_TEXT
    return pattern.sub(_written_out, text)


def shown_line(text: str) -> str:
    """Return the same on one line, so that nobody can add lines of their own to an output."""
    if text.isprintable() and text.isascii():
        return text
    return _IN_LINE.sub(_written_out, text)


def as_argument(text: str) -> str:
    """Return text as one argument of a command that people are shown, and may copy into a shell."""
    return shlex.quote(shown_line(text))


def without_unseen(text: str) -> str:
    """Return text without those characters: for a page, where nobody would read them."""
    return _IN_TEXT.sub("", text)


def _written_out(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape", errors="surrogatepass").decode("ascii")
