"""What a schedule has done so far, as far as it decides on what comes next."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class PastRun:
    """One experiment that was begun, or is expected to be."""

    experiment: str
    begin: datetime
    end: datetime
    groups: frozenset[str] = frozenset()
    hosts: frozenset[str] = frozenset()
    outage: float = 0.0
    """Seconds for which clients were without a partition, as the run measured it."""


@dataclass(frozen=True)
class History:
    """The runs of a schedule, and the experiments that are held back."""

    runs: tuple[PastRun, ...] = ()
    """By their begin; those of the last eight days decide."""
    held: Mapping[str, str] = field(default_factory=dict)
    """Experiments that do not come again until somebody says so, and why."""
    all_held: str = ""
    """Why no experiment at all comes; empty where they do."""
    dealt_with: Collection[tuple[str, datetime]] = ()
    """Occurrences, by experiment and when they were due, that were begun or skipped: what has
    become of them is in `runs`."""
