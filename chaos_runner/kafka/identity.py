"""Give every record an identity that survives the journey, and recognise it on the way back.

A value starts with 44 bytes, little endian: magic u32, version u8, phase u8, group u16,
run u64, partition u32, sequence u64, scheduled u64 (monotonic nanoseconds), session u32,
CRC-32 u32 over all the rest. Padding follows up to the record's size. Group and session are
always zero as yet: they are kept for control groups and for clients that were rebuilt.
"""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass
from enum import Enum
from zlib import crc32

HEADER_BYTES = 44

_MAGIC = 0x43_48_41_4F
_VERSION = 1
_BODY = struct.Struct("<IBBHQIQQI")
_CHECKSUM = struct.Struct("<I")


@dataclass(frozen=True, slots=True)
class Identity:
    """Name one record: which run, where it was sent, its number there, when it was due."""

    run: int
    partition: int
    sequence: int
    scheduled: int
    """The slot's instant in nanoseconds of `time.monotonic_ns()`."""
    phase: int


class Stranger(Enum):
    """Tell why a value is not a record of this probe."""

    FOREIGN = "foreign"
    """Not written by this run: another magic, version or run, or too short."""
    CORRUPT = "corrupt"
    """Carries this run's header, but its checksum does not fit."""


def run_number(run: str) -> int:
    """Return the 64-bit number that stands for a run id in its records."""
    return int.from_bytes(hashlib.sha256(run.encode()).digest()[:8], "little")


def padding(size: int) -> bytes:
    """Return the bytes that fill a record up to `size`; they do not compress to nothing."""
    return hashlib.shake_128(b"chaos-runner").digest(size - HEADER_BYTES)


def pack(identity: Identity, pad: bytes) -> bytes:
    """Return the value of a record: header, checksum, padding."""
    body = _BODY.pack(
        _MAGIC,
        _VERSION,
        identity.phase,
        0,
        identity.run,
        identity.partition,
        identity.sequence,
        identity.scheduled,
        0,
    )
    return body + _CHECKSUM.pack(crc32(pad, crc32(body))) + pad


def unpack(value: bytes | None, run: int) -> Identity | Stranger:
    """Return the identity in a value, or why it is none of this run's."""
    if value is None or len(value) < HEADER_BYTES:
        return Stranger.FOREIGN
    magic, version, phase, _, owner, partition, sequence, scheduled, _ = _BODY.unpack_from(value)
    if (magic, version, owner) != (_MAGIC, _VERSION, run):
        return Stranger.FOREIGN
    (checksum,) = _CHECKSUM.unpack_from(value, _BODY.size)
    if checksum != crc32(value[HEADER_BYTES:], crc32(value[: _BODY.size])):
        return Stranger.CORRUPT
    return Identity(owner, partition, sequence, scheduled, phase)
