"""What a host says of faults: that they are on, renewed, taken back or accepted."""

from __future__ import annotations

from typing import Literal

from chaos_runner.fleet.guard_answers.answer import Answer, KnownFault
from chaos_runner.measurements.reading import Readings

CleanState = Literal["clean", "dirty", "pending"]
"""`pending`: undone, but the host is still on its way back, or its disk is; ask again."""


class InjectAnswer(Answer):
    """What a host says after arm and apply; deadlines are in seconds of its uptime."""

    verbs = ("inject", "apply")

    fault: str = ""
    phase: str = ""
    lease: float = 0.0
    deadline: float = 0.0
    cap_deadline: float = 0.0
    fingerprint: str = ""
    """SHA-256 of the host's fingerprint before the fault."""
    effect: bool = False
    readings: Readings = ()
    """What was seen of it."""


class RenewedFault(KnownFault):
    """One fault whose lease was renewed; `effect` tells whether it is still in place."""

    effect: bool = False
    deadline: float = 0.0
    busy: bool = False
    """True when another verb is at work on this fault: nothing is known of it; ask again."""


class RenewAnswer(Answer):
    """Which faults of a run got a longer lease; `ok` is false when none was active."""

    verbs = ("renew",)

    run: str = ""
    faults: tuple[RenewedFault, ...] = ()


class RevertedFault(KnownFault):
    """One fault that was undone, and the proof: the fingerprints before and after."""

    by: str = ""
    """Who undid it: `revert`, or `lease`, `timer` or `boot` when the host had already."""
    held: float | None = None
    """Seconds for which it was on; None where the host does not know."""
    ended_ago: float | None = None
    """Seconds since it was taken back; None where the host does not know."""
    fingerprint_before: str = ""
    fingerprint_after: str = ""
    differences: tuple[str, ...] = ()
    """Lines the fault answers for in which the host is not as it was; any makes it dirty."""
    others: tuple[str, ...] = ()
    """Lines that no fault of ours can change, and that somebody else changed meanwhile."""
    healed: bool | None = None
    """Whether the path the fault was on is back where it was, as seen from the host itself."""
    readings: Readings = ()
    """What was seen of it."""
    awaited: str = ""
    """What the host still waits for, where the state is pending."""
    accepted: tuple[str, ...] = ()
    """The differing lines that somebody accepted as they are now; see `accept`."""


class RevertAnswer(Answer):
    """How a host is after a roll-back."""

    verbs = ("revert",)

    state: CleanState = "dirty"
    faults: tuple[RevertedFault, ...] = ()
    residue: tuple[str, ...] = ()
    """What is left of ours that belongs to no record; looked for by `revert --all`."""
    removed: tuple[str, ...] = ()
    """What was ours without a record, and was taken away by `revert --all`."""
    halt_error: str = ""
    """Why the host does not keep that it is halted; then `ok` is false, `state` still holds."""


class AcceptAnswer(RevertAnswer):
    """What was accepted as it is now: each fault with its differing lines in `accepted`.

    `state` is clean when no fault that was asked for is open any more.
    """

    verbs = ("accept",)
