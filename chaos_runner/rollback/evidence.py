"""Write down what a host said after a roll-back: each fault that is off, and the proof.

A run writes it into its journal, `recover` and `halt` into a file beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from chaos_runner.fleet.guard_answers.answer import OVER
from chaos_runner.fleet.guard_answers.fault_answers import RevertedFault
from chaos_runner.journal.events import (
    Event,
    FaultProof,
    FaultReverted,
    HostChanged,
    HostState,
    HostVerified,
)
from chaos_runner.rollback.rollback import Reverted
from chaos_runner.verdict.run_reason import ended_by


class EventWriter(Protocol):
    """What puts events of now on disk."""

    def write(self, event: Event) -> None:
        """Put an event on disk, as one of now, before returning."""


def write_reverted(journal: EventWriter, reverted: Reverted, fault: RevertedFault) -> None:
    """Write that a fault is off a host, and by which channel it was taken back."""
    journal.write(
        FaultReverted(
            fault=fault.fault,
            host=reverted.host,
            channel=reverted.channel if fault.by in ("revert", "accept", "others") else "host",
            by=ended_by(fault.by),
            held=fault.held,
            clean=fault.phase in OVER,
            differences=list(fault.differences),
        )
    )


def write_proof(
    journal: EventWriter,
    host: str,
    state: HostState,
    faults: Sequence[RevertedFault],
    message: str,
    residue: Sequence[str] = (),
) -> None:
    """Write the fingerprints of a host, and what changed on it beside the faults.

    `residue` is what the other channel found that the faults' own proofs do not name.
    """
    for changed in _changes(host, faults):
        journal.write(changed)
    journal.write(
        HostVerified(
            host=host,
            state=state,
            proofs=[_proof(fault) for fault in faults],
            differences=[line for fault in faults for line in fault.differences] + list(residue),
            message=message,
        )
    )


def _proof(fault: RevertedFault) -> FaultProof:
    return FaultProof(
        fault=fault.fault,
        fingerprint_before=fault.fingerprint_before,
        fingerprint_after=fault.fingerprint_after,
        readings=fault.readings,
    )


def _changes(host: str, faults: Sequence[RevertedFault]) -> Iterator[HostChanged]:
    """Yield in what a host is not as it was that does not make it dirty."""
    others = list(dict.fromkeys(line for fault in faults for line in fault.others))
    if others:
        yield HostChanged(host=host, what="changed_by_others", lines=others)
    for fault in faults:
        if fault.healed is False:  # nothing of the fault is left, so somebody should look
            yield HostChanged(
                host=host, what="path_not_back", kind=fault.kind, readings=fault.readings
            )
        if fault.accepted:
            accepted = list(fault.accepted)
            yield HostChanged(host=host, what="accepted", kind=fault.kind, lines=accepted)
