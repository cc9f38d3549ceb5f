"""Read known_hosts files as OpenSSH does: line by line, a bad line ends nothing.

Markers count: `@revoked` keys are never believed, and `@cert-authority` keys are believed of
what they sign.
"""

from __future__ import annotations

import base64
import binascii
import fnmatch
import hashlib
import hmac
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

_PATTERN = re.compile(r"[*?!]|^\|1\|")
"""What a line has that is not of plain names alone; brackets are those of `[host]:port`."""
LONGEST_FILE = 16_777_216
"""Bytes of a known_hosts file that are read; a hundred thousand hosts need no more."""


@dataclass(frozen=True)
class KnownKeys:
    """What known_hosts files say about one host; keys are as in the SSH protocol."""

    keys: frozenset[bytes] = frozenset()
    revoked: frozenset[bytes] = frozenset()
    authorities: tuple[str, ...] = ()
    """`file:line` of each certificate authority that may vouch for the host."""
    authority_keys: frozenset[bytes] = frozenset()

    @property
    def kinds(self) -> frozenset[str]:
        """Return the kinds of the believed keys, e.g. `ssh-ed25519`."""
        return frozenset(_kind(key) for key in self.keys - self.revoked)


def known_keys(names: Iterable[str], files: Iterable[Path]) -> KnownKeys:
    """Return what the files say of a host under the first of its names that they know.

    A key that is revoked under any name is revoked. A file that is not there or cannot be read
    says nothing, as for ssh.
    """
    read = [_read(file, *_version(file)) for file in files]
    found = [_of_name(name.lower(), read) for name in names]
    chosen = next((known for known in found if known.keys or known.authorities), KnownKeys())
    revoked = frozenset[bytes]().union(*(known.revoked for known in found))
    return replace(chosen, revoked=revoked)


@dataclass(frozen=True)
class _Entry:
    place: str
    marker: str
    patterns: str
    key: bytes


@dataclass(frozen=True)
class _File:
    """The lines of a known_hosts file: those of plain names by name, and those to be compared.

    A fleet of hundreds has a line a host, and each host is looked up in all of them.
    """

    by_name: Mapping[str, Sequence[_Entry]]
    with_patterns: Sequence[_Entry]

    def entries_of(self, name: str) -> Iterator[_Entry]:
        yield from self.by_name.get(name, ())
        yield from (entry for entry in self.with_patterns if _matches(entry.patterns, name))


@lru_cache(maxsize=16)
def _read(file: Path, changed: int, size: int) -> _File:
    """Read a file once as long as it does not change."""
    del changed, size
    by_name: dict[str, list[_Entry]] = {}
    with_patterns = []
    for entry in _entries(file):
        if _PATTERN.search(entry.patterns):
            with_patterns.append(entry)
            continue
        for name in set(entry.patterns.lower().split(",")):
            by_name.setdefault(name, []).append(entry)
    return _File(by_name, with_patterns)


def _version(file: Path) -> tuple[int, int]:
    try:
        status = file.stat()
    except (OSError, ValueError):  # ValueError: a name with a zero byte
        return 0, 0
    return status.st_mtime_ns, status.st_size


def _of_name(name: str, files: Iterable[_File]) -> KnownKeys:
    own = [entry for file in files for entry in file.entries_of(name)]
    return KnownKeys(
        keys=frozenset(entry.key for entry in own if not entry.marker),
        revoked=frozenset(entry.key for entry in own if entry.marker == "@revoked"),
        authorities=tuple(entry.place for entry in own if entry.marker == "@cert-authority"),
        authority_keys=frozenset(entry.key for entry in own if entry.marker == "@cert-authority"),
    )


def _entries(file: Path) -> Iterator[_Entry]:
    for number, line in enumerate(_text(file).split("\n"), 1):
        words = line.split()
        marker = words.pop(0) if words and words[0].startswith("@") else ""
        if len(words) < 3 or words[0].startswith("#"):
            continue
        key = _key(words[1], words[2])
        if key is not None and marker in ("", "@revoked", "@cert-authority"):
            yield _Entry(f"{file}:{number}", marker, words[0], key)


def _text(file: Path) -> str:
    try:
        if not file.is_file():
            return ""
        with file.open("rb") as stream:
            return stream.read(LONGEST_FILE).decode("utf-8", errors="replace")
    except (OSError, ValueError):  # ValueError: a name with a zero byte
        return ""


def _key(kind: str, text: str) -> bytes | None:
    """Return a key's bytes, or None where the text is torn or is of another kind."""
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return key if _kind(key) == kind and _is_whole(key) else None


def _is_whole(key: bytes) -> bool:
    """Tell whether a key ends where one of its fields ends; each field begins with its length."""
    position = 0
    while position < len(key):
        position += 4 + int.from_bytes(key[position : position + 4], "big")
    return position == len(key)


def _kind(key: bytes) -> str:
    length = int.from_bytes(key[:4], "big")
    return key[4 : 4 + length].decode("ascii", errors="replace")


def _matches(patterns: str, name: str) -> bool:
    """Tell whether ssh would take a line with these patterns for the host's; `!` excludes."""
    if patterns.startswith("|1|"):
        return _hash_matches(patterns, name)
    found = False
    for pattern in patterns.lower().split(","):
        negated = pattern.startswith("!")
        if _pattern(pattern.removeprefix("!")).fullmatch(name):
            if negated:
                return False
            found = True
    return found


def _pattern(pattern: str) -> re.Pattern[str]:
    """Return a pattern with ssh's own two wildcards; brackets are those of `[host]:port`."""
    return re.compile(fnmatch.translate(re.sub(r"\[", "[[]", pattern)))


def _hash_matches(hashed: str, name: str) -> bool:
    try:
        salt, digest = (base64.b64decode(part, validate=True) for part in hashed[3:].split("|"))
    except (binascii.Error, ValueError):
        return False
    return hmac.compare_digest(hmac.new(salt, name.encode(), hashlib.sha1).digest(), digest)
