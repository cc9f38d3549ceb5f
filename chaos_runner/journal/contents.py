"""What a whole journal says, and what has to be in it to be that of a run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from chaos_runner.analysis.run_seconds import RunSeconds
from chaos_runner.errors import UsageError
from chaos_runner.journal.events import (
    Event,
    FaultApplied,
    FaultEffect,
    FaultFailed,
    FaultIntended,
    FaultReverted,
    HostChanged,
    HostChecked,
    HostVerified,
    LeaseRenewed,
    RunStarted,
)
from chaos_runner.journal.names import JOURNAL_NAME

MOST_HOSTS = 20_000
MOST_FAULTS = 200
"""Hosts and planned faults of one run, far more than any fleet of ours has; a report tells each
fault on each host."""

HOST_EVENTS = (
    HostChecked,
    FaultIntended,
    FaultApplied,
    FaultEffect,
    FaultFailed,
    FaultReverted,
    HostChanged,
    HostVerified,
)
"""The events that name one host of the run."""


@dataclass(frozen=True)
class ReadJournal:
    """What a journal says: its events in order, and notes on what was left out."""

    started: RunStarted
    events: tuple[Event, ...]
    """Every event that could be read, `started` first, but for the buckets of the probe."""
    seconds: RunSeconds = field(default_factory=RunSeconds)
    """What the buckets came to."""
    stopped: float = 0.0
    """When the last event was written, as `elapsed`."""
    recoveries: tuple[Event, ...] = ()
    """What `recover` and `halt` wrote beside it, mostly after the run; times by the wall clock."""
    notes: tuple[str, ...] = ()


def run_in(events: Sequence[Event], source: str) -> RunStarted:
    """Return the beginning of the run that events tell of; raise UsageError if they tell of none.

    `source` names them in errors.
    """
    if not events:
        raise UsageError(
            f"{source}: holds no event; the run ended before it wrote its first",
            "no host was touched: the first event is on disk before anything else happens",
        )
    started = events[0]
    if not isinstance(started, RunStarted):
        raise UsageError(
            f"{source}: does not begin with a `run_started` event",
            f"name the {JOURNAL_NAME} that `chaos-runner run` wrote",
        )
    hosts = {event.host for event in events if isinstance(event, HOST_EVENTS)}
    for event in events:
        if isinstance(event, LeaseRenewed):
            hosts.update(event.hosts)
    hosts |= {host for fault in started.faults for host in fault.targets}
    if len(hosts) > MOST_HOSTS or len(started.faults) > MOST_FAULTS:
        raise UsageError(
            f"{source}: tells of more than {MOST_HOSTS:,} hosts or {MOST_FAULTS} faults"
        )
    return started
