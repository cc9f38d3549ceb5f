"""What the probe measures, as data that travels: to the run, into the journal, to the report.

This file imports no Kafka client, so that reports and tests can use it alone.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

Histogram = dict[int, int]
"""Bin index to count; `chaos_runner.kafka.latency` says which milliseconds a bin stands for."""


class Counts(BaseModel):
    """Count the records of one second, or of one phase, by what became of them.

    A slot of the open-loop schedule is either rejected (the client's queue refused it) or
    accepted; an accepted record is acked, unknown (any delivery error: it may be in the log)
    or still pending. Seen counts records read back at least once.
    """

    model_config = ConfigDict(frozen=True)

    scheduled: int = 0
    rejected: int = 0
    acked: int = 0
    unknown: int = 0
    seen: int = 0
    """Accepted records read back at least once, each counted once."""
    duplicates: int = 0
    """Extra readings of records already seen."""
    lost: int = 0
    """Acked records whose offset the reader passed without seeing them, confirmed by a second."""
    unseen: int = 0
    """Acked records not read back yet: neither lost nor safe."""

    @property
    def pending(self) -> int:
        """Return the accepted records about which nothing is known yet."""
        return self.scheduled - self.rejected - self.acked - self.unknown


class Bucket(Counts):
    """Hold one second of scheduled time within one phase."""

    second: int
    """Whole seconds since the probe's first record."""
    elapsed: float
    """The bucket's start: `time.monotonic()` in the probe's messages, seconds since the run
    started in a journal."""
    phase: str
    ack: Histogram = {}
    end_to_end: Histogram = {}


class Totals(Counts):
    """Hold one phase of the ledger after the drain."""

    ack: Histogram = {}
    end_to_end: Histogram = {}
    lost_records: list[str] = []
    """`partition:sequence@offset` of lost records, the first hundred."""


class Health(BaseModel):
    """Hold the cluster's health from one metadata answer; `elapsed` as in Bucket."""

    model_config = ConfigDict(frozen=True)

    elapsed: float
    brokers: int
    under_replicated: int
    offline: int
    not_preferred: int
    leaders: dict[str, int] = {}
    """Probe partition to its leader's broker id; -1 where there is none."""
    answered: bool = True
    """False when no metadata answer came within the limit: the numbers are then the last known."""
    tick_lag: float = 0.0
    """The most by which the probe itself ran late since the answer before, in milliseconds. Far
    above the latencies measured, the probe's machine was starved and its figures are doubtful."""
