"""Write down what a host said after a roll-back: each fault that is off, and the proof.

A run writes it into its journal, `recover` and `halt` into a file beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from chaos_runner.fleet.guard_answers import OVER, RevertedFault
from chaos_runner.journal.events import (
    Event,
    FaultProof,
    FaultReverted,
    HostState,
    HostVerified,
    Notice,
)
from chaos_runner.rollback.rollback import Reverted

MOST_LINES = 10
"""Lines that a notice names of what others changed on a host."""


class EventWriter(Protocol):
    """Put events of now on disk."""

    def write(self, event: Event) -> None:
        """Put an event on disk, as one of now, before returning."""


def write_reverted(journal: EventWriter, reverted: Reverted, fault: RevertedFault) -> None:
    """Write that a fault is off a host, and whose hand took it back."""
    journal.write(
        FaultReverted(
            fault=fault.fault,
            host=reverted.host,
            hand=reverted.hand if fault.by in ("revert", "accept", "others") else "host",
            by=fault.by,
            held=fault.held,
            clean=fault.phase in OVER,
            differences=fault.differences,
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

    `residue` is what the other hand found that the faults' own proofs do not name.
    """
    _tell_what_others_changed(journal, host, faults)
    _tell_what_is_not_healed(journal, host, faults)
    _tell_what_was_accepted(journal, host, faults)
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
        path=fault.path.strip(),
    )


def _tell_what_others_changed(
    journal: EventWriter, host: str, faults: Sequence[RevertedFault]
) -> None:
    """Note the differences that no fault of ours can make: they do not make the host dirty."""
    lines = list(dict.fromkeys(line for fault in faults for line in fault.others))
    if lines:
        text = "changed meanwhile, and not by chaos-runner: " + "; ".join(lines[:MOST_LINES])
        journal.write(Notice(level="warning", source="host", host=host, message=text))


def _tell_what_was_accepted(
    journal: EventWriter, host: str, faults: Sequence[RevertedFault]
) -> None:
    """Note in full in what the host is not as it was, and who took that as it is."""
    for fault in faults:
        if fault.accepted:
            text = f"accepted as it is now after {fault.kind}: " + "; ".join(fault.accepted)
            journal.write(Notice(level="warning", source="host", host=host, message=text))


def _tell_what_is_not_healed(
    journal: EventWriter, host: str, faults: Sequence[RevertedFault]
) -> None:
    """Note a path that is not back: nothing of the fault is left, so somebody should look."""
    for fault in faults:
        if fault.healed is False:
            text = f"{fault.kind} is taken back, but its path is not as before: {fault.path}"
            journal.write(Notice(level="warning", source="host", host=host, message=text))
