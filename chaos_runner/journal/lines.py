"""The lines of a journal's file, bounded: a stranger's may be of any size, compressed or not."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from gzip import BadGzipFile, GzipFile
from io import BufferedReader, BytesIO
from pathlib import Path
from typing import BinaryIO

from chaos_runner.errors import UsageError
from chaos_runner.files import open_regular
from chaos_runner.journal.names import COMPRESSED

LARGEST_JOURNAL = 512 * 1024**2
"""Bytes, once they are no longer compressed; a run of a day writes some 300 MiB."""
LARGEST_LINE = 16 * 1024**2
"""Bytes; the longest line is the plan, with the commands for each of a thousand hosts."""
_AT_ONCE = 256 * 1024
"""Bytes that are read, or unpacked, at once."""
MOST_EVENTS = 1_000_000
"""A run of a day writes some 600,000."""


def lines_of(path: Path, limit: int) -> Iterator[bytes]:
    """Yield the lines of a file; raise UsageError when it cannot be read, or is too large.

    One that `gzip` compressed is known by its name, and never unpacked beyond the limit.
    """
    try:
        with open_regular(path) as stream:
            unpacked = _unpacked(stream) if path.suffix == COMPRESSED else stream
            yield from _lines(unpacked, str(path), limit)
    except (BadGzipFile, EOFError, zlib.error) as error:
        raise UsageError(f"{path}: is no whole gzip file: {error}") from error
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error


def _unpacked(stream: BinaryIO) -> BinaryIO:
    return BufferedReader(GzipFile(fileobj=stream, mode="rb"), _AT_ONCE)


def _lines(stream: BinaryIO, source: str, limit: int) -> Iterator[bytes]:
    number = size = 0
    rest = b""
    while block := stream.read(_AT_ONCE):
        size += len(block)
        lines = BytesIO(rest + block).readlines()
        _refuse_longer(source, number, lines)
        rest = b"" if lines[-1].endswith(b"\n") else lines.pop()
        number += len(lines)
        if size > limit or number > MOST_EVENTS:
            raise UsageError(
                f"{source}: is larger than {limit // 1024**2} MiB or {MOST_EVENTS:,} lines, "
                "which no run writes"
            )
        yield from lines
    if rest:
        yield rest


def _refuse_longer(source: str, before: int, lines: Sequence[bytes]) -> None:
    if max(map(len, lines)) > LARGEST_LINE:
        number = before + next(
            place for place, line in enumerate(lines, 1) if len(line) > LARGEST_LINE
        )
        raise UsageError(f"{source}:{number}: is longer than {LARGEST_LINE // 1024**2} MiB")


def lines_in(content: bytes, source: str) -> Iterator[bytes]:
    """Yield the lines of a journal's bytes; `source` names them in errors."""
    yield from _lines(BytesIO(content), source, len(content))
