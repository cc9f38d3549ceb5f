"""The figures of a large journal's seconds, kept so that they are not made at each report.

The index is never the truth: it is found by the digest of the whole journal, so that one that was
changed by a single byte is read anew; it lies in the user's own state directory, where no stranger
who made a journal can have put it; and one that is damaged, or of another version of
chaos-runner, whose figures may be others, is made anew.
"""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from chaos_runner import __version__
from chaos_runner.analysis.kept_seconds import packed, unpacked
from chaos_runner.analysis.run_seconds import RunSeconds
from chaos_runner.files import open_regular, read_limited, replace_file
from chaos_runner.journal.lines import LARGEST_JOURNAL
from chaos_runner.journal.names import COMPRESSED
from chaos_runner.own_place import of_others

LARGE = 16 * 1024**2
"""Bytes of a journal from which on it has an index; an hour's is read within a second or two."""
LARGE_COMPRESSED = 1024**2
"""The same of one that is compressed."""
MOST_KEPT = 10
"""Indexes; those that were made longest ago go first."""
_LARGEST = 64 * 1024**2
"""Bytes of an index; one of a day has a fifth of it."""
_LARGEST_UNPACKED = 512 * 1024**2
_AT_ONCE = 1024**2
_HEAD = struct.Struct("<dQ")


@dataclass(frozen=True)
class KnownSeconds:
    """What a journal's seconds came to, and in which lines they stand."""

    is_second: bytes
    """A byte for each line: 1 where it tells of a second, which need not be read."""
    stopped: float
    """The latest `elapsed` of all lines."""
    seconds: RunSeconds


class SecondIndex:
    """A directory of the user's with an index for each large journal."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def file_of(self, journal: Path) -> Path | None:
        """Return where the index of a journal lies, or is to lie.

        None where it needs none, and where it cannot be read: its reader says why.
        """
        try:
            with open_regular(journal) as stream:
                size = stream.seek(0, os.SEEK_END)
                least = LARGE_COMPRESSED if journal.suffix == COMPRESSED else LARGE
                if not least <= size <= LARGEST_JOURNAL:
                    return None
                stream.seek(0)
                digest = sha256()
                while piece := stream.read(_AT_ONCE):
                    digest.update(piece)
        except OSError:
            return None
        return self._directory / f"{digest.hexdigest()}-{__version__}"

    def read(self, file: Path) -> KnownSeconds | None:
        """Return what an index says; None where there is none, or none to rely on."""
        if self._may_be_of_others(file):
            return None
        try:
            content = memoryview(_unpacked(read_limited(file, _LARGEST)))
            stopped, lines = _HEAD.unpack_from(content)
            end = _HEAD.size + lines
            seconds = unpacked(content[end:])
        except (OSError, ValueError, struct.error, zlib.error):
            return None
        return KnownSeconds(bytes(content[_HEAD.size : end]), stopped, seconds)

    def write(self, file: Path, known: KnownSeconds) -> None:
        """Keep an index; where that is not possible nothing is kept, and the next report waits."""
        if self._may_be_of_others(file):
            return
        with suppress(OSError, OverflowError):
            self._directory.mkdir(parents=True, exist_ok=True, mode=0o700)
            replace_file(file, b"".join(_packed(known)), 0o600)
            others = sorted(self._directory.iterdir(), key=lambda each: each.stat().st_mtime)
            for each in others[:-MOST_KEPT]:
                each.unlink()

    def _may_be_of_others(self, file: Path) -> bool:
        places = (self._directory, file)
        return any(place.is_symlink() or of_others(place) for place in places)


def _packed(known: KnownSeconds) -> Iterator[bytes]:
    squeeze = zlib.compressobj(1)
    yield squeeze.compress(_HEAD.pack(known.stopped, len(known.is_second)))
    yield squeeze.compress(known.is_second)
    for piece in packed(known.seconds):
        yield squeeze.compress(piece)
    yield squeeze.flush()


def _unpacked(content: bytes) -> bytes:
    loose = zlib.decompressobj()
    found = loose.decompress(content, _LARGEST_UNPACKED)
    if not loose.eof:
        raise ValueError("it is not whole")
    return found
