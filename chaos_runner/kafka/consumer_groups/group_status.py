"""Judge how a consumer group gets on with a partition, from a window of samples. Pure.

The rules are Burrow's (`core/internal/evaluator/caching.go`), which need no threshold: what
counts is whether the group moves. Burrow reads the commits themselves; here the committed
offset is asked for at a steady pace, so a commit shows as a change. Where Burrow tells a group
that commits the same offset from one that no longer commits, here its members tell:

- OK: the group had caught up at some time in the window, or it is getting on.
- REWIND: the committed offset went back, and has not come back to where it was.
- STOP: it has not moved for longer than it had moved before, and has no members.
- STALL: the same, and it has members.
- WARN: it moves, and its lag did not shrink once in the whole window.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from chaos_runner.measurements.model import GroupStatus

WINDOW = 10
"""Samples a partition is judged by, as in Burrow's default (`intervals`)."""

_FROM_GOOD_TO_BAD: tuple[GroupStatus, ...] = ("OK", "WARN", "STALL", "STOP", "REWIND")


@dataclass(frozen=True, slots=True)
class Sample:
    """What the group had committed and where the log ended, at one moment in seconds."""

    at: float
    committed: int
    end: int

    @property
    def lag(self) -> int:
        """Return the records that are still to be consumed; the end may be the older answer."""
        return max(0, self.end - self.committed)


def status_of(window: Sequence[Sample], *, has_members: bool) -> GroupStatus:
    """Return the status of one partition; `window` holds its newest samples, oldest first.

    Fewer than WINDOW samples show at most that the group was set back.
    """
    if not window or any(sample.lag == 0 for sample in window):
        return "OK"
    if _went_back(window):
        return "REWIND"
    if len(window) < WINDOW:
        return "OK"
    if _stands_still(window):
        return "STALL" if has_members else "STOP"
    return "OK" if _shrank(window) else "WARN"


def worst_status(statuses: Iterable[GroupStatus]) -> GroupStatus:
    """Return the worst of the statuses; OK when there are none."""
    return max(statuses, key=_FROM_GOOD_TO_BAD.index, default="OK")


def _went_back(window: Sequence[Sample]) -> bool:
    return window[-1].committed < max(sample.committed for sample in window)


def _stands_still(window: Sequence[Sample]) -> bool:
    changes = [new.at for old, new in pairwise(window) if new.committed != old.committed]
    last_change = changes[-1] if changes else window[0].at
    return window[-1].at - last_change > last_change - window[0].at


def _shrank(window: Sequence[Sample]) -> bool:
    return any(new.lag < old.lag for old, new in pairwise(window))
