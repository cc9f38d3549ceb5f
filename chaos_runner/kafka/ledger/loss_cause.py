"""Say why a record that nobody finds is missing, from what the log looks like now. Pure."""

from __future__ import annotations

from collections.abc import Set
from enum import Enum

from chaos_runner.kafka.ledger.record_span import NOWHERE


class Cause(Enum):
    """Why an acked record is not in the log; names as in measures.Anomalies."""

    OVERWRITTEN = "overwritten"
    """Another record stands at its offset: the log was cut off and written anew."""
    TRUNCATED = "truncated"
    """The log ends before its offset: it was cut off."""
    TRIMMED = "trimmed"
    """The log begins after its offset: retention removed it, nobody knows what it was."""
    VANISHED = "vanished"
    """Nothing stands at its offset, though the log goes on behind it; or its ack told none."""


def cause_of(offset: int, low: int, end: int, occupied: Set[int]) -> Cause:
    """Return why the record acked at `offset` is missing from a log that runs from low to end.

    `occupied` holds the offsets at which a second reader found some other record.
    """
    if offset in occupied:
        return Cause.OVERWRITTEN
    if offset < low and (offset != NOWHERE or low > 0):
        return Cause.TRIMMED
    if offset >= end:
        return Cause.TRUNCATED
    return Cause.VANISHED
