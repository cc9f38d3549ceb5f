"""Enter what a reader brought back into the ledger."""

from __future__ import annotations

from chaos_runner.kafka.buckets import Slot, slot_of
from chaos_runner.kafka.consumer import Reading
from chaos_runner.kafka.identity import EXPOSURES, Identity, Padding, Stranger, unpack
from chaos_runner.kafka.ledger import Ledger
from chaos_runner.kafka.schedule import Schedule


def enter(
    ledger: Ledger,
    schedule: Schedule,
    run: int,
    pad: Padding,
    reading: Reading,
    *,
    missed: bool = False,
) -> Stranger | None:
    """Note one reading; return what it is where it is not a record of this run.

    `run` and `pad` are the run's number and the padding of its records; `missed` when the reader
    had missed it and a second one found it.
    """
    partition, offset, value, returned, epoch = reading
    identity = unpack(value, run, pad)
    if not isinstance(identity, Identity):
        ledger.stranger(partition, offset, identity)
        return identity
    slot = _slot_of(identity, schedule)
    if slot is None:
        ledger.phantom(partition, offset)
        return None
    milliseconds = (returned - identity.scheduled) / 1e6
    ledger.seen(partition, offset, identity, slot, milliseconds, epoch=epoch, missed=missed)
    return None


def _slot_of(identity: Identity, schedule: Schedule) -> Slot | None:
    """Return a record's bucket, or None where this run has no such phase or group."""
    if identity.phase >= len(schedule.phases) or identity.group >= len(EXPOSURES):
        return None
    second = schedule.second_of(identity.scheduled)
    return slot_of(second, schedule.phases[identity.phase], EXPOSURES[identity.group])
