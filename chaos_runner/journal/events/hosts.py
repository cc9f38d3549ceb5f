"""What happened on the hosts, from preflight to the proof."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from chaos_runner.fleet.guard_answers.preflight_facts import PreflightFacts
from chaos_runner.journal.events.base import BaseEvent
from chaos_runner.measurements.cluster_fault import ClusterUndo
from chaos_runner.measurements.reading import Reading
from chaos_runner.verdict.run_reason import EndedBy

HostState = Literal["clean", "dirty", "unknown"]


class HostChecked(BaseEvent):
    """What preflight found on one host."""

    event: Literal["host_checked"] = "host_checked"
    host: str
    facts: PreflightFacts
    problems: list[str] = Field(default=[])


class FaultIntended(BaseEvent):
    """A host is about to be touched; written before it is."""

    event: Literal["fault_intended"] = "fault_intended"
    fault: str
    host: str


class UndoRecorded(BaseEvent):
    """What takes a fault of the cluster back, on disk before the cluster is changed."""

    event: Literal["undo_recorded"] = "undo_recorded"
    undo: ClusterUndo


class FaultApplied(BaseEvent):
    """The host says that the fault is on."""

    event: Literal["fault_applied"] = "fault_applied"
    fault: str
    host: str
    lease: float
    fingerprint: str
    """SHA-256 of the host's fingerprint before the fault."""


class FaultEffect(BaseEvent):
    """Whether the fault was seen to bite on the host."""

    event: Literal["fault_effect"] = "fault_effect"
    fault: str
    host: str
    seen: bool
    readings: tuple[Reading, ...]
    """What was looked at."""


class FaultFailed(BaseEvent):
    """The fault could not be applied on the host."""

    event: Literal["fault_failed"] = "fault_failed"
    fault: str
    host: str
    message: str


class LeaseRenewed(BaseEvent):
    """Hosts heard from the control node, and keep their faults a while longer.

    In a large fleet it is that of many hosts, within some seconds before it.
    """

    event: Literal["lease_renewed"] = "lease_renewed"
    hosts: list[str]
    lease: float


class FaultReverted(BaseEvent):
    """The host says that the fault is off, and by which channel."""

    event: Literal["fault_reverted"] = "fault_reverted"
    fault: str
    host: str
    channel: Literal["ansible", "ssh", "admin", "host"] | None
    """`admin` where the cluster itself was asked; `host` when the host had already undone it by its
    own lease or timer; null where a host that is still at work told it."""
    by: EndedBy = ""
    held: float | None = None
    """Seconds for which it was on, by the host's own record; null where that does not tell."""
    clean: bool
    differences: list[str] = Field(default=[])


class HostChanged(BaseEvent):
    """In what a host is not as it was, although no fault is left on it."""

    event: Literal["host_changed"] = "host_changed"
    host: str
    what: Literal["changed_by_others", "accepted", "path_not_back"]
    """Somebody else changed it meanwhile; somebody accepted it as it is; or the fault's path does
    not look as before."""
    kind: str = ""
    """Of the fault; empty for what others changed."""
    lines: list[str] = Field(default=[])
    """Lines of the fingerprints."""
    readings: tuple[Reading, ...] = ()
    """What the host saw of the path, where that is not back."""


class FaultProof(BaseModel):
    """One fault on one host: the fingerprint before it beside the one after it."""

    model_config = ConfigDict(frozen=True)

    fault: str
    fingerprint_before: str
    """SHA-256; empty where the host does not tell."""
    fingerprint_after: str
    readings: tuple[Reading, ...] = ()
    """What the host saw afterwards of what the fault was about, such as the path."""


class HostVerified(BaseEvent):
    """The proof that a host is as it was, fault by fault."""

    event: Literal["host_verified"] = "host_verified"
    host: str
    state: HostState
    proofs: list[FaultProof] = Field(default=[])
    """One for each fault that the host told of."""
    differences: list[str] = Field(default=[])
    """Lines of the fingerprints in which the host is not as it was."""
    message: str = ""
