"""The story of a run: everything a report shows, as frozen data.

This model is also the JSON report, so its field names are public. `SCHEMA_VERSION` rises when
a field changes its meaning or goes away; new fields may come at any time. Unless a field says
otherwise, times are seconds since the run started (add them to `started`), durations seconds,
latencies milliseconds. A latency is null where nothing was measured.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from chaos_runner.experiment.judgement import Judgement, Verdict
from chaos_runner.kafka.measures import Exposure, Health
from chaos_runner.report.client_view import ClientView
from chaos_runner.report.records import Ledger, Part, Second
from chaos_runner.run.events import HostState, RunKind

SCHEMA_VERSION = 1

Level = Literal["info", "warning", "error"]
Subject = Literal["host", "fault", "steady state", "records", "event"]
ReportedState = HostState | Literal["untouched"]
"""`untouched`: the host was planned as a target, and the run ended before it was reached."""


class PhaseSpan(Part):
    """Say when a phase ran; `end` is null for the phase in which the journal breaks off."""

    phase: str
    start: float
    end: float | None


class PhaseVerdict(Part):
    """Hold the verdict on one phase, tolerance by tolerance."""

    phase: str
    verdict: Verdict
    judgements: tuple[Judgement, ...]


class FaultStory(Part):
    """Hold one fault as planned, and when it was on."""

    fault: str
    kind: str
    summary: str
    targets: tuple[str, ...]
    control: tuple[str, ...]
    duration: float
    lease: float
    cap: float
    variables: dict[str, object]
    on: float | None
    """When the first host had it."""
    off: float | None
    """When the last host was seen without it; null while one is not known to be."""


class HostFault(Part):
    """Hold what one fault did on one host; each time is null when it did not happen."""

    fault: str
    kind: str
    summary: str
    intended: float | None = None
    applied: float | None = None
    effect_seen: bool | None = None
    effect: str = ""
    failure: str = ""
    reverted: float | None = None
    hand: Literal["", "ansible", "paramiko", "host"] = ""
    """Whose hand took it back; `host` when the host did by its own lease or timer."""
    clean: bool | None = None
    differences: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()


class HostStory(Part):
    """Hold what happened on one host, and the proof that it is as it was."""

    host: str
    state: ReportedState
    message: str = ""
    faults: tuple[HostFault, ...] = ()
    renewals: int = 0
    lease_until: float | None = None
    """When the last known lease ran out; by then the host takes its faults back by itself."""
    verified: float | None = None
    fingerprint_before: str = ""
    fingerprint_after: str = ""
    differences: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    """What preflight found."""

    @property
    def proved(self) -> bool | None:
        """Tell whether the fingerprints are equal; None when one is missing."""
        if not (self.fingerprint_before and self.fingerprint_after):
            return None
        return self.fingerprint_before == self.fingerprint_after


class Entry(Part):
    """Hold one line of the chronicle; `event` is the kind of the journal's event behind it."""

    event: str
    elapsed: float
    level: Level
    host: str
    text: str


class Remark(Part):
    """Hold one thing a reader should look at."""

    about: Subject
    level: Level
    text: str


class ProbeStory(Part):
    """Hold how the probe talked to Kafka; secrets were redacted before they were journalled."""

    topic: str
    rate: float
    size: int
    brokers: dict[str, str]
    placement: dict[str, list[int]]
    exposure: dict[str, Exposure]
    """Partition to what the targets mean to it: leader there (L), follower (F), neither (N)."""
    profile: str
    """The client profile; empty in journals of earlier versions."""
    client: dict[str, str]


class RunStory(Part):
    """Hold a whole run as its journal tells it."""

    schema_version: int = SCHEMA_VERSION
    run: str
    kind: RunKind
    title: str
    description: str
    owner: str
    tags: tuple[str, ...]
    started: datetime
    """UTC."""
    stopped: float
    """When the run's controller wrote its last line."""
    finished: bool
    """False when the controller stopped before the verdict: killed, or still running."""
    verdict: Verdict | None
    exit_code: int | None
    reasons: tuple[str, ...]
    summary: str
    remarks: tuple[Remark, ...]
    phases: tuple[PhaseSpan, ...]
    judgements: tuple[PhaseVerdict, ...]
    ledger: Ledger | None
    clients: ClientView | None
    """What the outage meant to clients; null when no fault was ever on, or nothing was sent."""
    faults: tuple[FaultStory, ...]
    hosts: tuple[HostStory, ...]
    control: tuple[str, ...]
    """Hosts of the targeted groups that no fault was meant for."""
    chronicle: tuple[Entry, ...]
    seconds: tuple[Second, ...]
    health: tuple[Health, ...]
    probe: ProbeStory | None
    experiment_file: str
    experiment: dict[str, object]
    steady_state: dict[str, object]
    inventory: str
    versions: dict[str, str]
    notes: tuple[str, ...]
    """What could not be read of the journal."""

    def clock(self, elapsed: float) -> datetime:
        """Return the wall-clock time (UTC) of a moment of the run."""
        return self.started + timedelta(seconds=elapsed)

    @property
    def touched(self) -> tuple[HostStory, ...]:
        """Return the hosts on which a fault was, or may have been."""
        return tuple(host for host in self.hosts if host.state != "untouched")

    @property
    def hosts_state(self) -> ReportedState:
        """Return the worst state of any host."""
        states = {host.state for host in self.hosts}
        worst: tuple[ReportedState, ...] = ("dirty", "unknown", "clean")
        return next((state for state in worst if state in states), "untouched")
