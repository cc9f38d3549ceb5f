"""Give every record an identity that survives the journey, and recognise it on the way back.

A value starts with 44 bytes, little endian: magic u32, version u8, phase u8, group u16,
run u64, partition u32, sequence u64, scheduled u64 (monotonic nanoseconds), session u32,
CRC-32 u32 over all the rest. Padding follows up to the record's size; it is the first that the
checksum covers, so that for the sender, whose padding is always the same, it is done once.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable, Sequence
from enum import Enum
from typing import NamedTuple
from zlib import crc32

from chaos_runner.kafka.ledger.record_span import rises_by_one
from chaos_runner.measurements.exposure import Exposure

HEADER_BYTES = 44
EXPOSURES = (Exposure.ALL, Exposure.LEADER, Exposure.FOLLOWER, Exposure.NONE)
"""The exposure groups in the order of their codes in the header."""

_MAGIC = 0x43_48_41_4F
_VERSION = 2
_CHECKSUM_BYTES = 4
_STAMP = struct.Struct("<5xB14xQQ")
_KIND = struct.Struct("<IBBHQI")
"""The header up to the sequence number: alike in all records of a partition, phase and group."""
_COUNTERS = struct.Struct("<QQI")
"""What else comes before the checksum."""
_FIELDS = struct.Struct(_KIND.format + _COUNTERS.format[1:])
_SERIES = struct.Struct(f"<{_KIND.size}x{_COUNTERS.format[1:]}{_CHECKSUM_BYTES}x")
_RESIDUE = 0x2144_DF1C
"""CRC-32 of whatever is followed by its own CRC-32, little endian."""


class Identity(NamedTuple):
    """One record: which run, where it was sent, its number there, when it was due."""

    run: int
    partition: int
    sequence: int
    scheduled: int
    """The slot's instant in nanoseconds of `time.monotonic_ns()`."""
    phase: int
    group: int = 0
    """The code of its partition's exposure: the index into EXPOSURES."""
    session: int = 0
    """Which client of its group sent it: 0, and one more whenever the client was rebuilt."""


class ForeignRecord(Enum):
    """Why a value is not a record of this probe."""

    FOREIGN = "foreign"
    """Not written by this run: another magic, version or run, or too short."""
    CORRUPT = "corrupt"
    """Carries this run's header, but its checksum does not fit."""


def run_number(run: str) -> int:
    """Return the 64-bit number that stands for a run id in its records."""
    return int.from_bytes(hashlib.sha256(run.encode()).digest()[:8], "little")


class Padding(NamedTuple):
    """The bytes that fill a record up, and the CRC-32 of them."""

    filling: bytes
    checksum: int


def padding(size: int) -> Padding:
    """Return what fills a record up to `size` bytes; it does not compress to nothing."""
    filling = hashlib.shake_128(b"chaos-runner").digest(size - HEADER_BYTES)
    return Padding(filling, crc32(filling))


class Packer:
    """The packing of records that are as one identity, but for their numbers and instants."""

    def __init__(self, like: Identity, pad: Padding) -> None:
        self._kind = _KIND.pack(_MAGIC, _VERSION, like.phase, like.group, like.run, like.partition)
        self._covered = crc32(self._kind, pad.checksum)
        self._filling = pad.filling
        self._session = like.session

    def pack(self, sequence: int, instants: Iterable[int]) -> list[bytes]:
        """Return the values of records numbered from `sequence` on: header, checksum, padding."""
        kind, covered, filling, session = self._kind, self._covered, self._filling, self._session
        values = []
        for number, instant in enumerate(instants, sequence):
            counters = _COUNTERS.pack(number, instant, session)
            checksum = crc32(counters, covered).to_bytes(_CHECKSUM_BYTES, "little")
            values.append(b"".join((kind, counters, checksum, filling)))
        return values


def unpack(value: bytes | None, run: int, pad: Padding | None = None) -> Identity | ForeignRecord:
    """Return the identity in a value, or why it is none of this run's.

    `pad` is the padding of the run's records: where it is known, its bytes are compared, which
    takes less time than their checksum.
    """
    if value is None or len(value) < HEADER_BYTES:
        return ForeignRecord.FOREIGN
    fields = _FIELDS.unpack_from(value)
    magic, version, phase, group, owner, partition, sequence, scheduled, session = fields
    if magic != _MAGIC or version != _VERSION or owner != run:
        return ForeignRecord.FOREIGN
    filling = value[HEADER_BYTES:]
    covered = pad.checksum if pad and filling == pad.filling else crc32(filling)
    if crc32(value[:HEADER_BYTES], covered) != _RESIDUE:
        return ForeignRecord.CORRUPT
    return Identity(owner, partition, sequence, scheduled, phase, group, session)


def instants_of_series(
    first: Identity, values: Sequence[bytes | None], pad: Padding
) -> tuple[int, ...] | None:
    """Return for when each value's record was scheduled, where they are a series.

    In a series all are whole and as `first`, the identity in the first of them, but for numbers
    that rise by one, and the instants. None where one is not: then each has to be unpacked.
    """
    size, filling, covered = HEADER_BYTES + len(pad.filling), pad.filling, pad.checksum
    kind = (values[0] or b"")[: _KIND.size]
    headers = []
    for value in values:
        if value is None or len(value) != size or not value.endswith(filling):
            return None
        header = value[:HEADER_BYTES]
        if crc32(header, covered) != _RESIDUE or not header.startswith(kind):
            return None
        headers.append(header)
    sequences, instants, sessions = zip(*_SERIES.iter_unpack(b"".join(headers)), strict=True)
    is_series = rises_by_one(sequences) and sessions.count(first.session) == len(sessions)
    return instants if is_series else None


def stamps_of(values: Iterable[bytes]) -> tuple[tuple[int, ...], ...]:
    """Return phases, sequences and scheduled instants of values that this process packed itself.

    Nothing is checked: it is for delivery reports, which bring values back unchanged.
    """
    return tuple(zip(*map(_STAMP.unpack_from, values), strict=True))
