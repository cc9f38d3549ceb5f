"""What happened on the hosts, from preflight to the proof."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from chaos_runner.journal.events.base import BaseEvent

HostState = Literal["clean", "dirty", "unknown"]


class HostChecked(BaseEvent):
    """Record what preflight found on one host."""

    event: Literal["host_checked"] = "host_checked"
    host: str
    facts: dict[str, object]
    problems: list[str] = Field(default=[])


class FaultIntended(BaseEvent):
    """Record, before a host is touched, that it is about to be."""

    event: Literal["fault_intended"] = "fault_intended"
    fault: str
    host: str


class FaultApplied(BaseEvent):
    """Record that the host says the fault is on."""

    event: Literal["fault_applied"] = "fault_applied"
    fault: str
    host: str
    lease: float
    fingerprint: str
    """SHA-256 of the host's fingerprint before the fault."""


class FaultEffect(BaseEvent):
    """Record whether the fault was seen to bite on the host."""

    event: Literal["fault_effect"] = "fault_effect"
    fault: str
    host: str
    seen: bool
    detail: str


class FaultFailed(BaseEvent):
    """Record that the fault could not be applied on the host."""

    event: Literal["fault_failed"] = "fault_failed"
    fault: str
    host: str
    message: str


class LeaseRenewed(BaseEvent):
    """Record that a host heard from the controller and keeps its faults a while longer."""

    event: Literal["lease_renewed"] = "lease_renewed"
    host: str
    lease: float


class FaultReverted(BaseEvent):
    """Record that the host says the fault is off, and by which hand it was told."""

    event: Literal["fault_reverted"] = "fault_reverted"
    fault: str
    host: str
    hand: Literal["ansible", "paramiko", "host"] | None
    """`host` when the host had already undone it by its own lease or timer; null where a host that
    is still at work told it."""
    by: str = ""
    """`revert`, or what ended it before: `lease`, `timer`, `boot`, `others`; empty if not known."""
    held: float | None = None
    """Seconds for which it was on, by the host's own record; null where that does not tell."""
    clean: bool
    differences: list[str] = Field(default=[])


class HostVerified(BaseEvent):
    """Record the proof: the fingerprint after next to the one before."""

    event: Literal["host_verified"] = "host_verified"
    host: str
    state: HostState
    fingerprint_before: str = ""
    fingerprint_after: str = ""
    differences: list[str] = Field(default=[])
    paths: list[str] = Field(default=[])
    """What each fault's path looked like afterwards, e.g. `rtt to 198.18.0.1 0.4 -> 0.5 ms`."""
    message: str = ""
