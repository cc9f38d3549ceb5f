"""The arguments of ssh: what the user gives it, and what of ours goes before it."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

_WITH_VALUE = "BbcDEeFIiJLlmOopPQRSWw"
_SHARING = re.compile(r"Control(Master|Path|Persist)\b", re.IGNORECASE)
_CHECKED = "-o StrictHostKeyChecking=yes -o NoHostAuthenticationForLocalhost=no"
"""Of an option given twice ssh takes the first, so that nothing after this switches it off."""
_KEEPALIVE = "-o ConnectTimeout=10 -o ServerAliveInterval=5 -o ServerAliveCountMax=3"


def without_sharing(arguments: str) -> str:
    """Return a piece of an ssh command line without what shares connections.

    chaos-runner shares connections in a directory of its own, and `-S` and `-M` would win over
    that wherever they stand. Raises ValueError when the quoting is torn.
    """
    kept: list[str] = []
    words = iter(shlex.split(arguments))
    for word in words:
        if not word.startswith("-") or word == "-":
            kept.append(word)
            continue
        flags, value, separate = _cluster(word)
        if separate:
            value = next(words, "")
        last = flags[-1:]
        if last == "S" or (last == "o" and _SHARING.match(value.lstrip())):
            flags, value = flags[:-1], ""
        flags = flags.replace("M", "")
        if flags:
            whole = f"-{flags}"
            takes_value = flags[-1] in _WITH_VALUE
            kept += [whole, value] if takes_value and separate else [whole + value]
    return shlex.join(kept)


def _cluster(word: str) -> tuple[str, str, bool]:
    """Split `-4Cp22` into its flags, the value of the last, and whether that is the next word."""
    for position, flag in enumerate(word[1:], start=1):
        if flag in _WITH_VALUE:
            return word[1 : position + 1], word[position + 1 :], position == len(word) - 1
    return word[1:], "", False


def arguments_for(host_arguments: str, control_directory: Path | None) -> str:
    """Return ours before the user's.

    Host keys are checked whatever the user's arguments say, a dead link is noticed within 15 s,
    and connections are shared through sockets in `control_directory`, or made anew for every
    step where it is None. The directory must be the caller's own: Ansible's default names
    sockets by address, port and user, which are the same in two network namespaces.
    """
    if control_directory is None:
        sharing = "-o ControlMaster=no -o ControlPath=none"
    else:
        path = shlex.quote(f"{control_directory}/%C")
        sharing = f"-o ControlMaster=auto -o ControlPersist=60s -o ControlPath={path}"
    return f"-C {_CHECKED} {_KEEPALIVE} {sharing} {host_arguments}".strip()
