"""Make what hosts, ssh and Ansible say short enough to read, and harmless to show.

Every text of a host passes here, or through `guard.answers_in`, where it is read: whoever shows
it later need not think of terminals.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_COLOURS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_LINES_SHOWN = 3
_CHARACTERS_SHOWN = 400

_KEY_HINT = "compare the host's key, then put it into known_hosts"


def harmless(text: str) -> str:
    """Return a text with everything replaced that a terminal obeys instead of showing it.

    These are control characters (C0 and C1), line and paragraph separators, marks that change the
    direction of writing, and lone surrogates, which cannot even be written.
    """
    if text.isprintable():
        return text
    return "".join(_shown(character) for character in text)


def _shown(character: str) -> str:
    if character.isprintable():
        return character
    return " " if character.isspace() else "?"


def first_lines(text: str) -> str:
    """Return the first telling lines of a message as one line of at most 400 characters."""
    lines = [harmless(line.strip()) for line in _COLOURS.sub("", text).splitlines()]
    joined = "; ".join([line for line in lines if line][:_LINES_SHOWN])
    return joined if len(joined) <= _CHARACTERS_SHOWN else joined[: _CHARACTERS_SHOWN - 1] + "…"


def without(text: str, hidden: Iterable[str]) -> str:
    """Return a text with stars in place of every word that must not be shown."""
    for word in sorted(filter(None, hidden), key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", "***", text)
    return text


def readable_ssh_failure(text: str) -> str:
    """Return why ssh could not reach a host, in one sentence."""
    if "IDENTIFICATION HAS CHANGED" in text:
        return f"the host shows another SSH key than the known one; {_KEY_HINT}"
    if "Host key verification failed" in text or "host key is known for" in text:
        return f"the host's SSH key is not known; {_KEY_HINT}"
    said = [line for line in text.splitlines() if not _is_noise(line)]
    reason = first_lines("\n".join(said)).replace("Failed to connect to the host via ssh: ", "")
    return f"the host could not be reached: {reason or 'ssh gave no reason'}"


def _is_noise(line: str) -> bool:
    return line.startswith(("Warning: Permanently added", "@@@", "debug1:")) or not line.strip()
