"""Why the verdict on a whole run is not better: a name out of a fixed set, and its figures.

`chaos_runner.wording.run_reasons` makes the sentence.
"""

from __future__ import annotations

from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict

from chaos_runner.verdict.answer import Answer
from chaos_runner.verdict.judgement import Observation, Verdict
from chaos_runner.verdict.safeguards import Condition

RunReasonCode = Literal[
    "phase_judged",
    "safeguard_tripped",
    "no_recovery",
    "interrupted",
    "fault_not_applied",
    "fault_ended_early",
    "fault_vanished",
    "nothing_reached",
    "not_quiet",
    "did_not_hold_before",
    "safeguard_exceeded_before",
    "harm_not_allowed",
    "role_moved",
    "not_put_on",
    "steady_state_not_back",
    "fault_not_off",
    "channel_not_open",
    "lost_in_warm_up",
    "ledger_incomplete",
    "probe_not_started",
    "probe_failed",
    "zone_lost",
    "load_ended",
    "load_silent",
    "run_failed",
    "machine_failed",
    "internal_error",
]
HOSTS_UNTOUCHED: frozenset[RunReasonCode] = frozenset(
    {
        "did_not_hold_before",
        "safeguard_exceeded_before",
        "harm_not_allowed",
        "role_moved",
        "channel_not_open",
    }
)
"""Reasons for which no host was touched."""


EndedBy = Literal["", "revert", "lease", "timer", "boot", "others", "accept"]
"""What ended a fault: the run's order, the host's own lease, cap timer or boot unit, others, or
somebody who accepted the host as it is; empty where the host does not tell."""
_ENDED_BY: dict[str, EndedBy] = {word: word for word in get_args(EndedBy)}


def ended_by(word: str) -> EndedBy:
    """Return what a host says ended a fault; empty for a word that is not known."""
    return _ENDED_BY.get(word, "")


class Ending(BaseModel):
    """How one fault ended on one host; times are seconds."""

    model_config = ConfigDict(frozen=True)

    host: str
    kind: str
    planned: float
    needed: float
    """For how long the run wanted it on: less than planned where the run ended early."""
    answered: bool = True
    """Whether the host has told how it ended."""
    by: EndedBy = ""
    held: float | None = None
    """For how long it was on, by the host's own record; None where that does not tell."""
    seen_gone: float | None = None
    """After how long at most it was gone, since the run saw that; None where it did not."""
    lease_over: bool = False
    """Whether its lease must have ended by then, as far as the run heard of the host."""


class RunReason(BaseModel):
    """One reason: `code` says which of the fields it has."""

    model_config = ConfigDict(frozen=True)

    code: RunReasonCode
    detail: str = ""
    """What a host, the probe or this machine said."""
    host: str = ""
    phase: str = ""
    verdict: Verdict | None = None
    zones: list[str] = []
    """The zones that it is about; "" is the control node."""
    seconds: float = 0.0
    """The limit within which it did not come; of a zone, when it was last heard; of the load, how
    long it was not."""
    count: int = 0
    """Records; of a course that was stopped, the faults that were not put on any more."""
    signal: str = ""
    safeguard: Condition | None = None
    observed: Observation | Answer | None = None
    """What the safeguard saw."""
    ending: Ending | None = None
    """How the fault ended that ended early."""
