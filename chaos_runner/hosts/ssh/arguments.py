"""The arguments of ssh: what the user gives it, and what of ours goes before it."""

from __future__ import annotations

import functools
import hashlib
import re
import shlex
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

from chaos_runner.fleet.inventory import Host

_PATIENCE = 30.0
"""Seconds for ssh to say whether it knows an option; it reads no file and connects to nothing."""
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
    for flags, value in split_flags(shlex.split(arguments)):
        last = flags[-1:]
        if last == "S" or (last == "o" and _SHARING.match(value.lstrip())):
            flags, value, last = flags[:-1], "", ""
        flags = flags.replace("M", "")
        kept += [f"-{flags}"] if flags else []
        kept += [value] if last in _WITH_VALUE or not flags else []
    return shlex.join(word for word in kept if word)


def split_flags(words: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield the flags of each word with the value of the last one; a word alone has no flags."""
    following = iter(words)
    for word in following:
        if not word.startswith("-") or word == "-":
            yield "", word
            continue
        for position, flag in enumerate(word[1:], start=1):
            if flag in _WITH_VALUE:
                yield word[1 : position + 1], word[position + 1 :] or next(following, "")
                break
        else:
            yield word[1:], ""


def split_arguments(host: Host) -> tuple[list[str], list[str]]:
    """Return the words that Ansible gives ssh before a host's user, port and key, and after them.

    Raises ValueError when the quoting is torn.
    """
    words = shlex.split(host.ssh_arguments)
    return words[: host.ssh_words_before], words[host.ssh_words_before :]


KNOWN_BY_FILES = "KnownHostsCommand=none"
"""What lets ssh know host keys by files alone: a command may know any key. Since OpenSSH 8.5."""


@functools.cache
def understands(executable: str, option: str) -> bool:
    """Tell whether an ssh takes an option, written as `Name=value`; it is asked once.

    An option that it does not know would end every connection.
    """
    try:
        done = subprocess.run(
            [executable, "-G", "-F", "none", "-o", option, "--", "localhost"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_PATIENCE,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def socket_of(name: str, control_directory: Path) -> Path:
    """Return the socket by which a host of an inventory shares its connection.

    It is the host's alone. Ansible's default, and ssh's own `%C`, name sockets by address, port
    and user, which two hosts may have in common: in two network namespaces, or in two networks of
    private addresses with a bastion each. What is for the one would go to the other.
    """
    return control_directory / hashlib.sha256(name.encode(errors="replace")).hexdigest()[:32]


def ours(socket: Path | None, *options: str) -> str:
    """Return the arguments that go before everybody else's.

    Host keys are checked whatever the user's arguments say, a dead link is noticed within 15 s,
    and connections are shared through the host's own `socket`, or made anew for every step where
    it is None. `options` are more of ssh's, as `Name=value`.
    """
    if socket is None:
        sharing = "-o ControlMaster=no -o ControlPath=none"
    else:
        path = shlex.quote(str(socket))
        sharing = f"-o ControlMaster=auto -o ControlPersist=60s -o ControlPath={path}"
    checked = " ".join([_CHECKED, *(f"-o {option}" for option in options)])
    return f"-C {checked} {_KEEPALIVE} {sharing}"
