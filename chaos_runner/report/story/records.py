"""What became of the records: the parts of a story that count them."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from chaos_runner.analysis.latency import Latency
from chaos_runner.measurements.model import Anomalies, Counts
from chaos_runner.measurements.named_records import LostRecord


class Part(BaseModel):
    """What all parts of a story share: they never change."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class PhaseLedger(Counts):
    """What became of the records of one phase."""

    phase: str
    ack: Latency
    end_to_end: Latency
    lost_records: tuple[LostRecord, ...] = ()
    """The first hundred."""


class Ledger(Part):
    """The account of all records."""

    drained: bool
    """True when every partition was read to its end; else lost and unseen are not final."""
    final: bool
    """False when the probe's own final account is missing and the seconds were added up."""
    reason: str
    phases: tuple[PhaseLedger, ...]
    total: Counts
    """The sum over all phases except the warm-up."""
    anomalies: Anomalies | None = None
    """Null where the final account is missing."""


class ZoneStory(Part):
    """What one zone measured, before the fault and while it was held."""

    zone: str
    """A host of the inventory; empty for the control node."""
    before: PhaseLedger | None
    during: PhaseLedger | None
    lost: int
    """From the first touch of a host to the end of the recovery."""


class LoadPhase(Part):
    """What the load beside the probe did in one phase, by the reports that it ended in it."""

    phase: str
    records: int
    per_second: float
    """The mean of its reports."""
    average: float
    """Milliseconds until a record was acknowledged, on average."""
    longest: float
    """Milliseconds until the slowest was."""


class LoadStory(Part):
    """The load beside the probe, as Kafka's own tool reported it."""

    host: str
    """Where it ran; empty for the control node."""
    topic: str
    rate: float
    """Records a second that it was asked for."""
    size: int
    phases: tuple[LoadPhase, ...]
    ended_by_run: bool | None
    """Whether it went on until the run ended it; null where its end is not known."""
