"""Make single records and runs of them, as senders and readers do."""

from __future__ import annotations

from chaos_runner.kafka.ledger.buckets import Slot
from chaos_runner.kafka.ledger.record_header import Identity, Packer, Padding
from chaos_runner.kafka.ledger.record_span import Run


def pack(identity: Identity, pad: Padding) -> bytes:
    """Return the value of one record."""
    (value,) = Packer(identity, pad).pack(identity.sequence, [identity.scheduled])
    return value


def one(
    sequence: int,
    offset: int,
    slot: Slot,
    *,
    partition: int = 0,
    instant: int = 0,
    session: int = 0,
) -> Run:
    """Return a run of one record."""
    return Run(partition, sequence, offset, slot, (instant,), session)
