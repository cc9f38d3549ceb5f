"""What is known of a run only when it is over."""

from __future__ import annotations

from dataclasses import dataclass

from chaos_runner.analysis.moments import Time
from chaos_runner.measurements.model import Totals


@dataclass(frozen=True)
class Outcomes:
    """What is known of a run after the drain."""

    recovery: Time
    """From the verified roll-back to ten good seconds in a row, over all partitions."""
    outage: Time
    control: Totals | None
    """What became of the control group's records from inject to recovery; None without one."""
    complete: bool
    """True when every record was accounted for."""
