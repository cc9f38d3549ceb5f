"""What became of the records: the parts of a story that count them."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from chaos_runner.measurements.model import Anomalies, Counts
from chaos_runner.measurements.named_records import LostRecord

Percentile = Literal["p50", "p99", "max"]
PERCENTILES: dict[Percentile, float] = {"p50": 50, "p99": 99, "max": 100}


class Part(BaseModel):
    """What all parts of a story share: they never change."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Latency(Part):
    """Percentiles of one latency, milliseconds, over all records, arrived or not.

    A percentile that falls among records that did not arrive is a lower bound. It is null
    where there is no record, and, as a bound, where it is not known how long they waited.
    """

    p50: float | None = None
    p99: float | None = None
    max: float | None = None
    bounds: tuple[Percentile, ...] = ()
    """Those that are more than they say, by an unknown lot."""


class Second(Counts):
    """One second of the probe, of all phases that touch it."""

    second: int
    elapsed: float
    phases: tuple[str, ...]
    ack: Latency
    end_to_end: Latency


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
