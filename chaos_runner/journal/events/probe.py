"""What the probe reported of Kafka."""

from __future__ import annotations

from typing import Literal

from chaos_runner.analysis.moments import Time
from chaos_runner.analysis.summarized_seconds import SummarizedSeconds
from chaos_runner.journal.events.base import BaseEvent
from chaos_runner.measurements.model import Bucket, Health, Totals
from chaos_runner.measurements.probe_report import LedgerSummary, ProbeSetup


class ProbeStarted(ProbeSetup, BaseEvent):
    """How the probe talks to Kafka."""

    event: Literal["probe_started"] = "probe_started"


class ProbeBucket(BaseEvent):
    """One second of the probe; a later bucket with the same second and phase wins."""

    event: Literal["probe_bucket"] = "probe_bucket"
    bucket: Bucket


class SecondsSummarized(BaseEvent):
    """What seconds of the probe came to: nothing more is told of them."""

    event: Literal["seconds_summarized"] = "seconds_summarized"
    seconds: SummarizedSeconds


class ProbeHealth(BaseEvent):
    """The cluster's health, as the probe's metadata poll saw it."""

    event: Literal["probe_health"] = "probe_health"
    health: Health


class ProbeFinished(LedgerSummary, BaseEvent):
    """The ledger after the drain."""

    event: Literal["probe_finished"] = "probe_finished"


class OutcomesMeasured(BaseEvent):
    """What only the whole run tells, as it was judged: nobody works it out a second time."""

    event: Literal["outcomes_measured"] = "outcomes_measured"
    recovery: Time
    """From the verified roll-back to ten good seconds in a row, over all partitions."""
    outage: Time
    """The longest time for which one partition acknowledged nothing since the first touch."""
    control: Totals | None
    """The control group's records from inject to recovery; null without one."""


class LoadStarted(BaseEvent):
    """The load beside the probe was started: Kafka's own producer-perf-test."""

    event: Literal["load_started"] = "load_started"
    host: str
    """The host of the inventory on which it runs; empty for the control node."""
    topic: str
    rate: float
    """Records a second, at most."""
    size: int
    """Bytes of a record."""
    records: int
    """How many it sends at most."""
    duration: float
    """How long it goes on at most."""
    command: list[str]
    """The whole call."""


class LoadReported(BaseEvent):
    """What the load did in the last few seconds, by its own report."""

    event: Literal["load_reported"] = "load_reported"
    records: int
    per_second: float
    average: float
    """Milliseconds until a record was acknowledged, on average."""
    longest: float
    """Milliseconds until the slowest was."""


class LoadEnded(BaseEvent):
    """The load is over."""

    event: Literal["load_ended"] = "load_ended"
    by_run: bool
    """Whether the run ended it; else it ended by itself."""
    code: int
    """The exit code."""
    output: str
    """What it last said beside its reports."""
