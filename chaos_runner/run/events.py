"""The events of a run's journal, the one truth about a run.

Each line of `journal.jsonl` is one event as JSON. Everything after a run (report, history,
verdict shown again) is a function of these lines alone, so a run whose controller was killed
is reported like any other: the last lines are simply missing.

Times: `at` is the controller's wall clock (UTC), `elapsed` monotonic seconds since the run
started; intervals are always computed from `elapsed`. All durations are seconds, all
latencies milliseconds.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from chaos_runner.experiment.judgement import Judgement, Verdict
from chaos_runner.fleet.blast_radius import BlastRadius
from chaos_runner.fleet.ladder import Rung
from chaos_runner.kafka.measures import Anomalies, Blackout, Bucket, Exposure, Health, Totals

SCHEMA_VERSION = 1

Phase = Literal[
    "preflight",
    "warm-up",
    "before",
    "inject",
    "during",
    "roll-back",
    "verify",
    "recovery",
    "after",
    "drain",
    "verdict",
]
JUDGED_PHASES: tuple[Phase, ...] = ("before", "during", "after")
HostState = Literal["clean", "dirty", "unknown"]
RunKind = Literal["run", "baseline", "probe"]
"""`baseline` and `probe` are runs without faults: no host is touched, and `before` is all that
is judged."""
RecoverySource = Literal["recover", "halt"]
"""The commands that put hosts back after a run, as the `source` of a notice."""


class _Event(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    at: datetime
    elapsed: float


class PlannedFault(BaseModel):
    """Describe one fault as planned: which hosts get it, which of the group do not, and how."""

    fault: str
    """Identity on the host, unique per run: also names the nft table and the state directory."""
    kind: str
    summary: str
    """The fault in a few words, e.g. `delay 100ms to all peers`."""
    targets: list[str]
    control: list[str]
    duration: float
    lease: float
    cap: float
    variables: dict[str, object]
    """The role variables that were handed to Ansible."""
    commands: dict[str, list[str]] = {}
    """Per host the exact commands, for people to read."""
    ladder: dict[str, list[Rung]] = {}
    """Per host what takes the fault back, and when."""


class RunStarted(_Event):
    """Open the journal: what is going to be done, to whom, by which versions."""

    event: Literal["run_started"] = "run_started"
    schema_version: int = SCHEMA_VERSION
    run: str
    kind: RunKind = "run"
    title: str
    description: str = ""
    owner: str = ""
    tags: list[str] = []
    experiment_file: str
    experiment: dict[str, object]
    """The experiment with all defaults filled in, as JSON."""
    inventory: str
    faults: list[PlannedFault]
    blast_radius: BlastRadius | None = None
    """Whom the faults would hurt, its fifty worst topics; null in earlier versions' journals."""
    steady_state: dict[str, object]
    versions: dict[str, str]
    process: int


class PhaseStarted(_Event):
    """Mark the beginning of a phase; the phase before it ends here."""

    event: Literal["phase_started"] = "phase_started"
    phase: Phase


class HostChecked(_Event):
    """Record what preflight found on one host."""

    event: Literal["host_checked"] = "host_checked"
    host: str
    facts: dict[str, object]
    problems: list[str] = []


class ProbeStarted(_Event):
    """Record how the probe talks to Kafka; secrets are redacted."""

    event: Literal["probe_started"] = "probe_started"
    topic: str
    brokers: dict[str, str]
    """Broker id to `host:port`."""
    placement: dict[str, list[int]]
    """Partition to its replicas, the preferred leader first."""
    exposure: dict[str, Exposure] = {}
    """Partition to what the targets mean to it."""
    rate: float
    size: int
    client: dict[str, str]
    profile: str = ""
    """The client profile; empty in journals of earlier versions."""


class ProbeBucket(_Event):
    """Record one second of the probe; a later bucket with the same second and phase wins."""

    event: Literal["probe_bucket"] = "probe_bucket"
    bucket: Bucket


class ProbeHealth(_Event):
    """Record the cluster's health as the probe's metadata poll saw it."""

    event: Literal["probe_health"] = "probe_health"
    health: Health


class Notice(_Event):
    """Record something a reader of the report should know."""

    event: Literal["notice"] = "notice"
    level: Literal["info", "warning", "error"] = "info"
    source: str
    host: str | None = None
    message: str


class FaultIntended(_Event):
    """Record, before a host is touched, that it is about to be."""

    event: Literal["fault_intended"] = "fault_intended"
    fault: str
    host: str


class FaultApplied(_Event):
    """Record that the host says the fault is on."""

    event: Literal["fault_applied"] = "fault_applied"
    fault: str
    host: str
    lease: float
    fingerprint: str
    """SHA-256 of the host's fingerprint before the fault."""


class FaultEffect(_Event):
    """Record whether the fault was seen to bite on the host."""

    event: Literal["fault_effect"] = "fault_effect"
    fault: str
    host: str
    seen: bool
    detail: str


class FaultFailed(_Event):
    """Record that the fault could not be applied on the host."""

    event: Literal["fault_failed"] = "fault_failed"
    fault: str
    host: str
    message: str


class LeaseRenewed(_Event):
    """Record that a host heard from the controller and keeps its faults a while longer."""

    event: Literal["lease_renewed"] = "lease_renewed"
    host: str
    lease: float


class GuardTripped(_Event):
    """Record why the fault ends early."""

    event: Literal["guard_tripped"] = "guard_tripped"
    guard: str
    observed: str
    since: float | None = None
    """When its limit began to be exceeded, as `elapsed`; null in journals of earlier versions."""


class Interrupted(_Event):
    """Record a signal that ends the run early."""

    event: Literal["interrupted"] = "interrupted"
    signal: str


class FaultReverted(_Event):
    """Record that the host says the fault is off, and by which hand it was told."""

    event: Literal["fault_reverted"] = "fault_reverted"
    fault: str
    host: str
    hand: Literal["ansible", "paramiko", "host"]
    """`host` when the host had already undone it by its own lease or timer."""
    clean: bool
    differences: list[str] = []


class HostVerified(_Event):
    """Record the proof: the fingerprint after next to the one before."""

    event: Literal["host_verified"] = "host_verified"
    host: str
    state: HostState
    fingerprint_before: str = ""
    fingerprint_after: str = ""
    differences: list[str] = []
    paths: list[str] = []
    """What each fault's path looked like afterwards, e.g. `rtt to 198.18.0.1 0.4 -> 0.5 ms`."""
    message: str = ""


class PhaseJudged(_Event):
    """Record the verdict on one phase, tolerance by tolerance."""

    event: Literal["phase_judged"] = "phase_judged"
    phase: Phase
    verdict: Verdict
    judgements: list[Judgement]


class ProbeFinished(_Event):
    """Record the ledger after the drain, per phase; `complete` tells whether it was drained."""

    event: Literal["probe_finished"] = "probe_finished"
    complete: bool
    totals: dict[str, Totals]
    groups: dict[str, dict[str, Totals]] = {}
    """Exposure to phase to the totals of that group alone."""
    anomalies: Anomalies = Anomalies()
    blackouts: list[Blackout] = []
    """Times on the clock of the run, as `elapsed`."""
    reason: str = ""


class RunFinished(_Event):
    """Close the journal."""

    event: Literal["run_finished"] = "run_finished"
    verdict: Verdict
    exit_code: int
    reasons: list[str] = []


Event = Annotated[
    RunStarted
    | PhaseStarted
    | HostChecked
    | ProbeStarted
    | ProbeBucket
    | ProbeHealth
    | Notice
    | FaultIntended
    | FaultApplied
    | FaultEffect
    | FaultFailed
    | LeaseRenewed
    | GuardTripped
    | Interrupted
    | FaultReverted
    | HostVerified
    | PhaseJudged
    | ProbeFinished
    | RunFinished,
    Field(discriminator="event"),
]
EVENT: TypeAdapter[Event] = TypeAdapter(Event)
