"""Show text that somebody else wrote: hosts, brokers, journals, experiment files.

A terminal obeys control characters: they paint over what stands there, set its title, fill its
clipboard. Those that turn the direction of text around make one word look like another.
"""

from __future__ import annotations

import re
import shlex

_UNSEEN = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"  # invisible
    "\u200b\u200e\u200f\u2028-\u202e\u3164\uffa0"  # and what turns the direction
    "\u2060-\u2069\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f"  # halves of characters, and tags
)
_IN_TEXT = re.compile(f"[\x00-\x08\x0b-\x1f\x7f-\x9f{_UNSEEN}]")
_IN_LINE = re.compile(f"[\x00-\x1f\x7f-\x9f{_UNSEEN}]")


def shown(text: str) -> str:
    """Return text in which every control or invisible character is written out.

    Line ends and tabs stay.
    """
    return _IN_TEXT.sub(_written_out, text)


def shown_line(text: str) -> str:
    """Return the same on one line, so that nobody can add lines of their own to an output."""
    return _IN_LINE.sub(_written_out, text)


def as_argument(text: str) -> str:
    """Return text as one argument of a command that people are shown, and may copy into a shell."""
    return shlex.quote(shown_line(text))


def without_unseen(text: str) -> str:
    """Return text without those characters: for a page, where nobody would read them."""
    return _IN_TEXT.sub("", text)


def _written_out(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape", errors="surrogatepass").decode("ascii")
