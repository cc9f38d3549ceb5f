"""What a report shows of a finding; where findings are kept is not its business."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class ReportedFinding:
    """One finding, in words."""

    title: str
    urgency: str
    state: str
    owner: str
    next_step: str
    """What will be changed, or which hypotheses the next cycle tests."""
    due: date | None = None
    """The day by which it will be better."""
    is_overdue: bool = False
    experiment: str = ""
    """The experiment that it belongs to, where that is not the run's own."""
