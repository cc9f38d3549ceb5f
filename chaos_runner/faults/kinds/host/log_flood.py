"""Flood the journal or a log file of a host with lines."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from chaos_runner.faults.capabilities import SYSTEMD, Capability
from chaos_runner.faults.impact import DEGRADED, Impact, Machine
from chaos_runner.faults.kind import FaultKind
from chaos_runner.faults.values import AbsolutePath
from chaos_runner.units import Size, Within, format_size

_MIB = 1024**2
_MOST_LINES = 200_000
"""Lines a second. More no shell and no journal takes."""
_LONGEST_LINE = 32 * 1024
"""Bytes. journald cuts lines at 48 KiB."""


class LogFlood(FaultKind):
    """Write so many lines a second into the journal or into a log file.

    One transient unit writes them, at most so many bytes in all, and ends by itself when the lease
    is over. A file of its own is removed afterwards, also where logrotate has renamed it; what went
    into the journal, and from there into syslog or to other machines, stays. The limits of journald
    stay as they are: what exceeds them is dropped, which is worth knowing, too.
    """

    kind: ClassVar[str] = "log_flood"
    needs: ClassVar[frozenset[Capability]] = frozenset({SYSTEMD})
    survives_restart: ClassVar[bool] = True

    file: AbsolutePath | None = None
    """A file that is not there yet, which takes the lines; the journal when left out."""
    lines: Annotated[int, Field(ge=1, le=_MOST_LINES)] = 1000
    """How many a second."""
    length: Annotated[Size, Within(64, _LONGEST_LINE, format_size)] = 256
    """How long each line is."""
    most: Annotated[Size, Within(_MIB, 1024 * 1024 * _MIB, format_size)] = 256 * _MIB
    """How much is written in all. A flood that reaches it is over, so one that would before its
    duration is refused."""

    def describe(self) -> str:
        """Return e.g. `write 1000 lines of 256B a second into the journal`."""
        return f"write {self._what()}"

    def outcome(self) -> str:
        """Return e.g. `had 1000 lines of 256B a second written into the journal`."""
        return f"had {self._what().replace(' into ', ' written into ')}"

    def _what(self) -> str:
        lines = f"{self.lines} lines of {format_size(self.length)} a second"
        return f"{lines} into {self.file or 'the journal'}"

    def lasts(self) -> float:
        """Return after how long all is written."""
        return self.most / (self.lines * self.length)

    def occupied(self) -> str:
        """Return the log: two floods could not be told apart."""
        return f"log {self.file or 'journal'}"

    def impact_on(self, machine: Machine) -> Impact:
        """Return that the machine is slower: whether it keeps up is what the experiment shows."""
        return DEGRADED
