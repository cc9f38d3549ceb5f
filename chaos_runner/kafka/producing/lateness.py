"""By how much the probe's own machine held records up, and when that spoils what is measured."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from chaos_runner.measurements.model import LATE_MILLISECONDS, is_short_of_cpu
from chaos_runner.measurements.schedule import NANOSECONDS_PER_MILLISECOND

LATE_NANOSECONDS = int(LATE_MILLISECONDS * NANOSECONDS_PER_MILLISECOND)

WINDOW = 10
"""Health answers, a second apart, over which sends are judged: long enough for a p99. A machine
that holds its programs up for a tenth of a second once in that time spoils none."""


@dataclass(slots=True)
class Lateness:
    """The records that came due, and by how much the probe itself was late for them."""

    sends: int = 0
    late: int = 0
    """Those more than `LATE_MILLISECONDS` late."""
    most: int = 0
    """Nanoseconds."""

    def add(self, late: int) -> None:
        """Count a record that was late by so many nanoseconds."""
        self.sends += 1
        self.most = max(self.most, late)
        self.late += late > LATE_NANOSECONDS

    @property
    def milliseconds(self) -> float:
        """Return by how much the latest was late."""
        return self.most / NANOSECONDS_PER_MILLISECOND


class RecentLateness:
    """The lateness of the last ten seconds."""

    def __init__(self) -> None:
        self._recent: deque[Lateness] = deque(maxlen=WINDOW)

    def add(self, lateness: Lateness) -> str:
        """Add a second; return in words how the machine is short of CPU, or nothing."""
        self._recent.append(lateness)
        whole = _sum(self._recent)
        if len(self._recent) < WINDOW or not is_short_of_cpu(whole.late, whole.sends):
            return ""
        return (
            f"the probe's own machine is short of CPU: {whole.late} of the last {whole.sends} "
            f"sends ran more than {LATE_MILLISECONDS:.0f} ms late, the latest "
            f"{whole.milliseconds:.0f} ms"
        )


def _sum(parts: Iterable[Lateness]) -> Lateness:
    whole = Lateness()
    for part in parts:
        whole.sends += part.sends
        whole.late += part.late
        whole.most = max(whole.most, part.most)
    return whole
