"""How a fault ended on a host, in words, and why it cannot be said that it was on long enough.

A run must not say held of a fault that ended before its time, by the host's own record.
"""

from __future__ import annotations

from chaos_runner.faults.registry import absence_of
from chaos_runner.verdict.run_reason import Ending

TOLERANCE = 1.0
"""Seconds: a host counts whole ones."""
CLOCK_DRIFT = 0.001
"""Share by which a host's clock may run slower than this machine's: NTP slews half of that."""

CHANNEL_WORDS = {
    "ansible": "Ansible",
    "ssh": "SSH, without Ansible",
    "admin": "Kafka's admin API",
    "host": "the host itself (lease or timer)",
    "": "",
}

ENDED_BY = {
    "lease": "its lease",
    "timer": "its hard cap",
    "boot": "its boot unit",
    "others": "other hands",
}
"""What a host takes a fault back by, without being told to."""
_EARLY = {
    **{word: f"by {what}" for word, what in ENDED_BY.items()},
    "boot": "by a restart of the host",
    "revert": "before its time",
}
"""The same of a fault that ended early, and by the run's own order."""


def why_not_held(ending: Ending) -> str:
    """Return why it cannot be said that the fault was on as long as needed, or nothing."""
    fault = f"the fault on {ending.host}"
    kind = f"({ending.kind})"
    if not ending.answered:
        return f"{fault} ended in a way that the host has not told {kind}"
    if ending.by in ("boot", "revert") and absence_of(ending.kind):
        return ""  # the restart is the fault; one that did not come is ended by other hands
    how = _EARLY.get(ending.by, "in a way that the host does not tell")
    planned = seconds_text(ending.planned)
    if ending.held is not None:
        if ending.held >= ending.needed - TOLERANCE - CLOCK_DRIFT * ending.needed:
            return ""
        return f"{fault} ended {how} after {seconds_text(ending.held)} of {planned} {kind}"
    if ending.by != "revert":
        if ending.seen_gone is not None:
            seen = seconds_text(ending.seen_gone)
            return f"{fault} ended {how}; it was seen to be gone after {seen} of {planned} {kind}"
        return f"{fault} ended {how}, and the host does not tell after how long {kind}"
    if ending.lease_over:
        return f"{fault} may have ended by its lease: no renewal reached the host in time {kind}"
    return ""


def seconds_text(seconds: float) -> str:
    """Write a time in seconds, tenths only where they matter."""
    return f"{seconds:.0f} s" if seconds >= 10 else f"{round(seconds, 1):g} s"
