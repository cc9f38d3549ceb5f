"""Write down beside a run's journal what became of its hosts after it.

A run whose controller was killed cannot tell how its hosts came back; `recover` and `halt`,
which put them back, can. Each call writes a file of its own, `recovery-1.jsonl` and so on, with
the events of a journal. The journal itself stays as its run left it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from io import TextIOWrapper
from pathlib import Path
from typing import TextIO

from chaos_runner.errors import UsageError
from chaos_runner.files import create_in
from chaos_runner.fleet.guard_answers.answer import OVER
from chaos_runner.fleet.guard_answers.fault_answers import RevertedFault
from chaos_runner.journal.events import (
    Event,
    HostChanged,
    HostState,
    HostVerified,
    RecoverySource,
    RecoveryStarted,
)
from chaos_runner.journal.identity import user_here
from chaos_runner.journal.journal import (
    append,
    journals_in,
    recovery_name,
    stamped,
    sync_directory,
)
from chaos_runner.journal.reader import read_start
from chaos_runner.rollback.evidence import write_proof, write_reverted
from chaos_runner.rollback.rollback import Reverted


class RecoveryJournal:
    """A new file of events beside a journal, each on disk before `write` returns.

    Raises UsageError when the journal does not tell when its run started, OSError when the file
    cannot be made.
    """

    def __init__(self, journal: Path) -> None:
        self._started = read_start(journal)
        self._file, self.path = _next_file(journal.parent)
        sync_directory(journal.parent)

    def write(self, event: Event) -> None:
        """Write an event as one of now; `elapsed` counts by the wall clock."""
        since_start = (datetime.now(UTC) - self._started.at).total_seconds()
        elapsed = max(0.0, round(since_start + self._started.elapsed, 3))
        append(self._file, stamped(event, elapsed))

    def close(self) -> None:
        """Close the file; later writes raise ValueError."""
        self._file.close()


class Recoveries:
    """Every run that hosts name, and whose journal is here, how its hosts came back.

    Nothing in here may stop a recovery: what cannot be written is kept in `problems`.
    """

    def __init__(self, runs_directory: Path, source: RecoverySource, reason: str = "") -> None:
        self._known = journals_in(runs_directory)
        self._source = source
        self._reason = reason
        self._journals: dict[str, RecoveryJournal] = {}
        self._said: dict[tuple[str, str], object] = {}
        self.problems: dict[str, str] = {}
        """Run to why it could not be told; it is not tried again."""

    @property
    def paths(self) -> list[Path]:
        """Return the files that were written."""
        return [journal.path for journal in self._journals.values()]

    def tell(self, results: Iterable[Reverted]) -> None:
        """Write what is new in the answers of hosts; one without an answer says nothing new."""
        for reverted in results:
            for run, faults in _by_run(reverted).items():
                said = (reverted.state, reverted.residue, faults)
                news = self._said.get((run, reverted.host)) != said
                if news and run in self._known and run not in self.problems:
                    self._tell(run, reverted, faults)

    def tell_forgotten(self, host: str, forgotten: Mapping[str, str]) -> None:
        """Write that faults which a clean host forgot, each with its run, are taken for gone."""
        for run in dict.fromkeys(forgotten.values()):
            try:
                journal = self._journal_of(run)
                for fault in (each for each, of in forgotten.items() if of == run):
                    lines = ["the host no longer knows of it"]
                    journal.write(HostChanged(host=host, what="accepted", kind=fault, lines=lines))
                journal.write(HostVerified(host=host, state="clean"))
            except (OSError, UsageError) as error:
                self.problems[run] = str(error)

    def close(self) -> None:
        """Close the files."""
        for journal in self._journals.values():
            journal.close()

    def _tell(self, run: str, reverted: Reverted, faults: Sequence[RevertedFault]) -> None:
        try:
            journal = self._journal_of(run)
            for fault in faults:
                write_reverted(journal, reverted, fault)
            state = _state(reverted, faults)
            message = "" if state == "clean" else reverted.message
            write_proof(journal, reverted.host, state, faults, message, reverted.residue)
        except (OSError, UsageError) as error:
            self.problems[run] = str(error)
        else:
            self._said[run, reverted.host] = (reverted.state, reverted.residue, faults)

    def _journal_of(self, run: str) -> RecoveryJournal:
        """Return the file of a run, opened with who is at work."""
        if run not in self._journals:
            journal = self._journals[run] = RecoveryJournal(self._known[run])
            opened = RecoveryStarted(command=self._source, by=user_here(), reason=self._reason)
            journal.write(opened)
        return self._journals[run]


@contextmanager
def recoveries_told(
    runs_directory: Path, source: RecoverySource, reason: str = ""
) -> Iterator[Recoveries]:
    """Yield what tells runs of a directory how their hosts came back, and close its files."""
    recoveries = Recoveries(runs_directory, source, reason)
    try:
        yield recoveries
    finally:
        recoveries.close()


def _by_run(reverted: Reverted) -> dict[str, list[RevertedFault]]:
    found: dict[str, list[RevertedFault]] = {}
    for fault in reverted.answer.faults if reverted.answer else []:
        found.setdefault(fault.run, []).append(fault)
    return found


def _state(reverted: Reverted, own: Sequence[RevertedFault]) -> HostState:
    """Return how the host is as far as one run goes: another's leftovers are not its own."""
    if reverted.state == "unknown" and reverted.forgotten:
        of_run = {fault.run for fault in own} & set(reverted.forgotten.values())
        return "unknown" if of_run or any(fault.phase not in OVER for fault in own) else "clean"
    if reverted.state != "dirty":
        return reverted.state
    faults = reverted.answer.faults if reverted.answer else []
    blamed = any(fault.phase not in OVER for fault in faults)
    return "clean" if blamed and all(fault.phase in OVER for fault in own) else "dirty"


def _next_file(directory: Path) -> tuple[TextIO, Path]:
    """Make the next file beside a journal: a new one, through no link."""
    number = 1
    while True:
        name = recovery_name(number)
        try:
            return TextIOWrapper(create_in(directory, name), encoding="utf-8"), directory / name
        except FileExistsError:
            number += 1
