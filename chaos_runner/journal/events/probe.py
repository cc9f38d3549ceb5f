"""What the probe told of Kafka."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from chaos_runner.journal.events.base import BaseEvent
from chaos_runner.measurements.model import Anomalies, Bucket, Exposure, Health, Outage, Totals


class ProbeStarted(BaseEvent):
    """Record how the probe talks to Kafka; secrets are redacted."""

    event: Literal["probe_started"] = "probe_started"
    topic: str
    brokers: dict[str, str]
    """Broker id to `host:port`."""
    placement: dict[str, list[int]]
    """Partition to its replicas, the preferred leader first."""
    exposure: dict[str, Exposure] = Field(default={})
    """Partition to what the targets mean to it."""
    rate: float
    size: int
    client: dict[str, str]
    profile: str = ""
    """The client profile; empty in journals of earlier versions."""


class ProbeBucket(BaseEvent):
    """Record one second of the probe; a later bucket with the same second and phase wins."""

    event: Literal["probe_bucket"] = "probe_bucket"
    bucket: Bucket


class ProbeHealth(BaseEvent):
    """Record the cluster's health as the probe's metadata poll saw it."""

    event: Literal["probe_health"] = "probe_health"
    health: Health


class ProbeFinished(BaseEvent):
    """Record the ledger after the drain, per phase; `complete` tells whether it was drained."""

    event: Literal["probe_finished"] = "probe_finished"
    complete: bool
    totals: dict[str, Totals]
    groups: dict[str, dict[str, Totals]] = Field(default={})
    """Exposure to phase to the totals of that group alone."""
    anomalies: Anomalies = Anomalies()
    outages: list[Outage] = Field(default=[])
    """Times on the clock of the run, as `elapsed`."""
    reason: str = ""
