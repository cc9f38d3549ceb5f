"""Which faults of a run are to come, being put on, on since when, and off since when.

Moments are those of `time.monotonic()`. Threads may use it at the same time.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Collection, Sequence

from chaos_runner.journal.events import PlannedFault


class Progress:
    """How far each fault has come, and whether the run goes on putting faults on."""

    def __init__(self) -> None:
        self.closing = threading.Event()
        """Set when the run puts no more faults on, since its roll-back begins."""
        self.injecting = threading.Lock()
        """Held while a later fault is put on: one at a time, as in phase `inject`."""
        self.stopped = False
        """Whether the rest of the course is not done, for a reason that the run has noted."""
        self._faults: Sequence[PlannedFault] = ()
        self._began = 0.0
        self._taken: frozenset[str] = frozenset()
        self._ending: frozenset[str] = frozenset()
        self._on_since: dict[str, float] = {}
        self._off_since: dict[str, float] = {}

    def begin(self, faults: Sequence[PlannedFault], now: float) -> None:
        """Begin `during`: those that are put on before it are on, all others are to come."""
        self._faults, self._began = tuple(faults), now
        first = [fault.fault for fault in faults if fault.start == 0]
        self._taken |= frozenset(first)
        self._on_since |= dict.fromkeys(first, now)

    def take_due(self, now: float) -> list[PlannedFault]:
        """Return the faults that are to be put on by now; each is returned once."""
        due = [each for each in self._to_come() if self._began + each.start <= now]
        self._taken |= {fault.fault for fault in due}
        return due

    def take_over(self, now: float) -> list[PlannedFault]:
        """Return the faults whose duration is over by now; each is returned once."""
        over = [each for each in self.held() if self._end_of(each) <= now]
        self._ending |= {fault.fault for fault in over}
        return over

    def put_on(self, fault: PlannedFault, now: float) -> None:
        """Note that a fault is on, on every target of it."""
        self._on_since[fault.fault] = now

    def note_off(self, fault: PlannedFault, now: float) -> None:
        """Note that every target has said that the fault is off."""
        self._off_since[fault.fault] = now

    def held(self) -> list[PlannedFault]:
        """Return the faults that are on and are still wanted."""
        return [
            fault
            for fault in self._faults
            if fault.fault in self._on_since and fault.fault not in self._ending
        ]

    def not_off(self) -> list[PlannedFault]:
        """Return the faults that have been put on and are not known to be off."""
        return [
            fault
            for fault in self._faults
            if fault.fault in self._on_since and fault.fault not in self._off_since
        ]

    def unfinished(self) -> bool:
        """Tell whether any fault is still wanted: to come, being put on, or held."""
        return any(fault.fault not in self._ending for fault in self._faults)

    def never_on(self) -> list[PlannedFault]:
        """Return the faults that have not been on."""
        return [fault for fault in self._faults if fault.fault not in self._on_since]

    def on_for(self, fault: PlannedFault, now: float) -> float:
        """Return the seconds for which a fault has been on; 0 for one that is not on."""
        return now - self._on_since.get(fault.fault, now)

    def off_since(self, faults: Collection[PlannedFault]) -> float | None:
        """Return since when all these faults are off; None as long as one is not known to be."""
        moments = [self._off_since.get(fault.fault, math.inf) for fault in faults]
        latest = max(moments, default=self._began)
        return None if math.isinf(latest) else latest

    def before(self, fault: PlannedFault) -> list[PlannedFault]:
        """Return the faults that are planned to be over when this one begins."""
        return [other for other in self._faults if other.end <= fault.start]

    def is_waited_for(self, fault: PlannedFault) -> bool:
        """Tell whether another fault comes on only once this one is off."""
        return any(fault.end <= other.start for other in self.never_on())

    def next_moment(self) -> float:
        """Return when the next fault that is known of is due or over; infinity without one."""
        due = [self._began + fault.start for fault in self._to_come()]
        return min([*due, *map(self._end_of, self.held())], default=math.inf)

    def _to_come(self) -> list[PlannedFault]:
        return [fault for fault in self._faults if fault.fault not in self._taken]

    def _end_of(self, fault: PlannedFault) -> float:
        return self._on_since[fault.fault] + fault.duration
