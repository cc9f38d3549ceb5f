"""What the probe says at its beginning and at its end: to the run, and in its journal."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from chaos_runner.measurements.exposure import Exposure
from chaos_runner.measurements.model import Anomalies, Outage, Totals


class ZoneSetup(BaseModel):
    """A probe beside that of the control node, and how well its clock is known."""

    model_config = ConfigDict(frozen=True)

    topic: str
    clock_error: float
    """Seconds by which its times may be wrong on the clock of the run, at most."""


class ProbeSetup(BaseModel):
    """How the probe talks to Kafka; secrets are redacted."""

    model_config = ConfigDict(frozen=True)

    topic: str
    brokers: dict[str, str]
    """Broker id to `host:port`."""
    placement: dict[str, list[int]]
    """Partition to its replicas, the preferred leader first."""
    exposure: dict[str, Exposure] = {}
    """Partition to what the faults mean to it."""
    untouched_by: list[str] = []
    """Faults on brokers that reach no partition of the topic."""
    rate: float
    """Records a second."""
    size: int
    """Bytes of a record's value."""
    client: dict[str, str]
    """The properties of both clients."""
    profile: str = ""
    """The client profile that they start from."""
    topic_settings: dict[str, str] = {}
    """What the topic's settings are that explain faults, as far as they may be read."""
    broker_settings: dict[str, str] = {}
    """The same of one broker."""
    zones: dict[str, ZoneSetup] = {}
    """The zones that a further probe measures from; the rest is of the control node's own."""


class LedgerSummary(BaseModel):
    """The ledger after the drain. Not complete means: no verdict can rest on it."""

    model_config = ConfigDict(frozen=True)

    complete: bool
    totals: dict[str, Totals]
    """Phase to its totals."""
    groups: dict[str, dict[str, Totals]] = {}
    """Exposure to phase to the totals of that group alone."""
    zones: dict[str, dict[str, Totals]] = {}
    """Zone to phase to the totals of that zone alone; nothing where there is only one. The empty
    name is the control node."""
    anomalies: Anomalies = Anomalies()
    outages: list[Outage] = []
    """The longest one of each partition that had any of a second or more; in a journal on the
    clock of the run, as `elapsed`."""
    reason: str = ""
    """Why it is not complete."""
