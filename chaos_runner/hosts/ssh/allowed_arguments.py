"""Which arguments of ssh only say how a host is reached, and which may start programs."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

from chaos_runner.hosts.ssh.arguments import split_flags

_WORDS = """
addressfamily batchmode checkhostip ciphers compression connectionattempts connecttimeout
controlmaster controlpath controlpersist globalknownhostsfile gssapiauthentication
hashknownhosts host hostkeyalgorithms hostkeyalias hostname identitiesonly identityfile ipqos
kbdinteractiveauthentication kexalgorithms loglevel macs nohostauthenticationforlocalhost
passwordauthentication port preferredauthentications proxyjump pubkeyacceptedalgorithms
pubkeyauthentication rekeylimit requesttty serveralivecountmax serveraliveinterval
stricthostkeychecking tcpkeepalive updatehostkeys user userknownhostsfile
"""
_HARMLESS = frozenset(_WORDS.split())
_HARMLESS_FLAGS = frozenset("46CJMSTilnopqtv")
_LARGEST_CONFIG = 1 << 20
"""Bytes of an ssh configuration that are looked at."""


def reaching_further(arguments: str) -> Iterator[str]:
    """Yield each part of a piece of an ssh command line that may do more than reach a host.

    Relative files are looked up from the current directory, as ssh does.
    """
    try:
        words = shlex.split(arguments)
    except ValueError:
        return  # ssh gets none of it
    for flags, value in split_flags(words):
        for flag in flags:
            if flag == "F" and value == "none":
                continue
            if flag == "F":
                yield from _in_config(Path(value).expanduser())
            elif flag == "o" and _option(value) not in _HARMLESS:
                yield f"-o {value}"
            elif flag not in _HARMLESS_FLAGS:
                yield f"-{flag} {value}".strip()


def _option(text: str) -> str:
    return re.split(r"[=\s]", text.strip(), maxsplit=1)[0].lower()


def _in_config(file: Path) -> Iterator[str]:
    if not file.is_file() or file.stat().st_size > _LARGEST_CONFIG:
        if file.exists():
            yield f"-F {file}"
        return
    for line in file.read_text(encoding="utf-8", errors="replace").splitlines():
        option = _option(line)
        if option and not option.startswith("#") and option not in _HARMLESS:
            yield f"{file}: {line.strip()}"
