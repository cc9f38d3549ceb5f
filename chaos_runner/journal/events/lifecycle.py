"""How a run goes: what was planned, the phases, what ended it early, and the verdict."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from chaos_runner.blast_radius.blast_radius import BlastRadius
from chaos_runner.fleet.fail_safes import FailSafe
from chaos_runner.journal.events.base import BaseEvent
from chaos_runner.measurements.cluster_fault import ClusterChange
from chaos_runner.measurements.cluster_layout import ClusterLayout
from chaos_runner.measurements.run_kind import RunKind, RunName
from chaos_runner.verdict.answer import Answer
from chaos_runner.verdict.checks import CheckJudgement
from chaos_runner.verdict.judgement import Judgement, Observation, Verdict
from chaos_runner.verdict.run_reason import RunReason
from chaos_runner.verdict.safeguards import Condition

SCHEMA_VERSION = 3
"""Of the journal: it rises when a field changes its meaning or goes away."""

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
RecoverySource = Literal["recover", "halt"]
"""The commands that put hosts back after a run."""


class Occurrence(BaseModel):
    """Which part of an experiment's course a fault is: of which entry, batch and repetition."""

    model_config = ConfigDict(frozen=True)

    entry: int = 0
    """The entry of the experiment's `faults`, counted from 0."""
    batch: int = 1
    batches: int = 1
    repetition: int = 1
    repetitions: int = 1
    pause: float | None = None
    """Seconds, at least, from the end of the batch before to this one, in which the steady state
    has to come back; null where there is no batch before."""


class PlannedFault(BaseModel):
    """One fault as planned: which hosts get it, which of the group do not, and how."""

    fault: str
    """Identity on the host, unique per run: also names the nft table and the state directory."""
    kind: str
    summary: str
    """The fault in a few words, e.g. `delay 100ms to all peers`."""
    outcome: str = ""
    """What it did to a host, after the host's name, e.g. `was slowed by 100 ms`."""
    targets: list[str]
    chosen_as: str = ""
    """What the targets are to Kafka, where they were chosen for it: `the leader of orders-0`."""
    control: list[str]
    start: float = 0.0
    """When it is put on at the earliest, seconds from the begin of `during`; 0 is before that."""
    duration: float
    occurrence: Occurrence = Occurrence()
    lease: float
    cap: float
    variables: dict[str, object]
    """The role variables that were handed to Ansible."""
    host_variables: dict[str, dict[str, object]] = Field(default={})
    """Per host those that differ from host to host."""
    commands: dict[str, list[str]] = Field(default={})
    """Per host the exact commands, for people to read."""
    fail_safes: dict[str, list[FailSafe]] = Field(default={})
    """Per host what takes the fault back, and when."""
    peers: dict[str, list[str]] = Field(default={})
    """The peers as written, to every address by which they are known."""
    unheard: dict[str, list[str]] = Field(default={})
    """Where the hosts are cut from one another: who does not hear whom."""
    interfaces: dict[str, list[str]] = Field(default={})
    """Per host the interfaces that a delay goes to."""
    spared: dict[str, list[str]] = Field(default={})
    """Per host what the way in needs besides SSH, which a network fault lets pass."""
    notes: list[str] = Field(default=[])
    """What could not be known of the peers, and what it names that is not there."""
    change: ClusterChange | None = None
    """What a fault of the cluster does, whose target is no host; null for one of hosts."""
    brokers: dict[str, list[int]] = Field(default={})
    """Of a fault of the cluster the hosts that it concerns, with the brokers on each."""

    @property
    def chosen(self) -> list[str]:
        """Return the hosts that were chosen: the targets, or those whose brokers it concerns."""
        return list(self.brokers) if self.change else self.targets

    @property
    def end(self) -> float:
        """Return when it ends at the earliest, seconds from the begin of `during`."""
        return self.start + self.duration


class RunStarted(BaseEvent):
    """The beginning of the journal: what is going to be done, to whom, by which versions."""

    event: Literal["run_started"] = "run_started"
    schema_version: int = SCHEMA_VERSION
    run: RunName
    kind: RunKind = "run"
    title: str
    description: str = ""
    owner: str = ""
    tags: list[str] = Field(default=[])
    experiment_file: str
    experiment: dict[str, object]
    """The experiment with all defaults filled in, as JSON."""
    inventory: str
    faults: list[PlannedFault]
    blast_radius: BlastRadius | None = None
    """Whom the faults would hurt, its fifty worst topics."""
    one_channel: dict[str, str] = Field(default={})
    """Targets that Ansible alone reached, which the user accepted, and why SSH did not."""
    left_out: dict[str, str] = Field(default={})
    """Hosts that did not answer at preflight, as `max_unreachable` allows, and why they did not."""
    cluster: ClusterLayout | None = None
    """How the cluster was laid out when the plan was made; null where it was not asked."""
    steady_state: dict[str, object]
    versions: dict[str, str]
    process: int


class RecoveryStarted(BaseEvent):
    """The beginning of a recovery's file: who restores the hosts of a run after it, and why."""

    event: Literal["recovery_started"] = "recovery_started"
    command: RecoverySource
    by: str
    """Who called it, on which machine."""
    reason: str = ""
    """What was given as the reason, if anything."""


class PhaseStarted(BaseEvent):
    """The beginning of a phase; the phase before it ends here."""

    event: Literal["phase_started"] = "phase_started"
    phase: Phase


class Waiting(BaseEvent):
    """What the run waits for, until the next phase begins or it waits for something else."""

    event: Literal["waiting"] = "waiting"
    what: str
    matter: str = ""
    """The same without its figures, where it has any: it tells what is waited for anew."""


class Notice(BaseEvent):
    """Something that a reader of the report should know."""

    event: Literal["notice"] = "notice"
    level: Literal["info", "warning", "error"] = "info"
    source: str
    host: str | None = None
    message: str = ""
    reason: RunReason | None = None
    """The reason for a doubt about the run, in place of a message."""
    kind: str = ""
    """What is the same in all notices of a kind; empty where the message is."""
    held_back: int = 0
    """Notices of this kind that were held back since the one before."""

    @property
    def alike(self) -> tuple[str, str, str]:
        """Return what is the same in all notices of a kind: source, host and matter."""
        doubt = self.reason.model_dump_json() if self.reason else ""
        return self.source, self.host or "", self.kind or self.message or doubt


class SafeguardTripped(BaseEvent):
    """Why the fault ends early."""

    event: Literal["safeguard_tripped"] = "safeguard_tripped"
    safeguard: Condition
    observed: Observation | Answer
    since: float
    """When its limit began to be exceeded, as `elapsed`."""


class CheckAnswered(BaseEvent):
    """One answer of a check."""

    event: Literal["check_answered"] = "check_answered"
    check: str
    """Its name; `safeguard 1` and so on for that of a safeguard."""
    phase: str
    """The phase in which it was asked."""
    asked: float
    """When it was asked, as `elapsed`."""
    answer: Answer


class Interrupted(BaseEvent):
    """A signal that ends the run early."""

    event: Literal["interrupted"] = "interrupted"
    signal: str


class PhaseJudged(BaseEvent):
    """The verdict on one phase, tolerance by tolerance."""

    event: Literal["phase_judged"] = "phase_judged"
    phase: Phase
    verdict: Verdict
    judgements: list[Judgement]
    checks: list[CheckJudgement] = Field(default=[])
    """What else was asked."""
    zones: dict[str, list[Judgement]] = Field(default={})
    """The same of each zone alone, where a probe measured from several; "" is the control node."""


class RunFinished(BaseEvent):
    """The end of the journal."""

    event: Literal["run_finished"] = "run_finished"
    verdict: Verdict
    exit_code: int
    reasons: list[RunReason] = Field(default=[])
    """Why the verdict is not better."""
