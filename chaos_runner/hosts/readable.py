"""Make what ssh and Ansible say short enough to read, without losing the reason."""

from __future__ import annotations

import re

_COLOURS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_LINES_SHOWN = 3
_CHARACTERS_SHOWN = 400

_KEY_HINT = "compare the host's key, then put it into known_hosts"


def first_lines(text: str) -> str:
    """Return the first telling lines of a message as one line of at most 400 characters."""
    lines = [line.strip() for line in _COLOURS.sub("", text).splitlines()]
    joined = "; ".join([line for line in lines if line][:_LINES_SHOWN])
    return joined if len(joined) <= _CHARACTERS_SHOWN else joined[: _CHARACTERS_SHOWN - 1] + "…"


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
