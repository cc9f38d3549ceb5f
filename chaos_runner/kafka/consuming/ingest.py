"""Enter what a reader brought back into the ledger."""

from __future__ import annotations

from chaos_runner.kafka.consuming.consumer import Reading
from chaos_runner.kafka.ledger.buckets import slot_of
from chaos_runner.kafka.ledger.ledger import Ledger
from chaos_runner.kafka.ledger.record_header import (
    EXPOSURES,
    ForeignRecord,
    Identity,
    Padding,
    instants_of_series,
    unpack,
)
from chaos_runner.kafka.ledger.record_span import Run, rises_by_one
from chaos_runner.measurements.schedule import Schedule


def enter(
    ledger: Ledger,
    schedule: Schedule,
    run: int,
    pad: Padding,
    reading: Reading,
    *,
    missed: bool = False,
) -> set[ForeignRecord]:
    """Note a reading; return what is in it that is not a record of this run.

    `run` and `pad` are the run's number and the padding of its records; `missed` when the reader
    had missed it and a second one found it.
    """
    first, is_single = unpack(reading.values[0], run, pad), len(reading.offsets) == 1
    if isinstance(first, ForeignRecord) and is_single:
        ledger.stranger(reading.partition, reading.offsets[0], first)
        return {first}
    if isinstance(first, Identity) and rises_by_one(reading.offsets):
        instants = (
            (first.scheduled,) if is_single else instants_of_series(first, reading.values, pad)
        )
        if instants is not None:
            _enter_series(ledger, schedule, first, instants, reading, missed=missed)
            return set()
    return {
        stranger
        for single in reading.singles()
        for stranger in enter(ledger, schedule, run, pad, single, missed=missed)
    }


def _enter_series(
    ledger: Ledger,
    schedule: Schedule,
    first: Identity,
    instants: tuple[int, ...],
    reading: Reading,
    *,
    missed: bool,
) -> None:
    is_known = first.phase < len(schedule.phases) and first.group < len(EXPOSURES)
    if first.partition != reading.partition or not is_known:
        for offset in reading.offsets:
            ledger.phantom(reading.partition, offset)
        return
    phase, group = schedule.phases[first.phase], EXPOSURES[first.group]
    slot = slot_of(schedule.second_of(instants[0]), phase, group)
    whole = Run(
        reading.partition,
        first.sequence,
        reading.offsets[0],
        slot,
        instants,
        first.session,
        reading.arrivals,
    )
    for run in whole.by_second(schedule):
        ledger.consumed(run, reading.returned, epoch=reading.epoch, missed=missed)
