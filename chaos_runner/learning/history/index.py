"""The runs of a workspace in one SQLite file, so that not every journal is read each time.

The index is never the truth: a journal that is new or changed is read again, one that is gone is
left out, and an index that is damaged, or of another version, is made anew. Each journal costs
only itself: one that cannot be read is kept with the reason, and the others are there.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from zlib import crc32

from chaos_runner.errors import UsageError
from chaos_runner.journal.garbage import collector_paused
from chaos_runner.journal.names import JOURNAL_NAMES
from chaos_runner.learning.history.facts import RunFacts
from chaos_runner.measurements.run_kind import RunKind
from chaos_runner.own_place import of_others
from chaos_runner.verdict.judgement import Verdict

INDEX_VERSION = 2
"""Rises whenever `RunFacts` or what computes it changes: older indexes are made anew."""
_PATIENCE = 10.0
"""Seconds for which another process may be writing the index."""
_TABLE = """
CREATE TABLE IF NOT EXISTS runs (
    journal TEXT PRIMARY KEY, size INTEGER NOT NULL, changed INTEGER NOT NULL,
    run TEXT NOT NULL, kind TEXT NOT NULL, experiment TEXT NOT NULL, started TEXT NOT NULL,
    verdict TEXT, details TEXT NOT NULL, digest INTEGER NOT NULL, problem TEXT NOT NULL
)
"""
_BY_JOURNAL = "CREATE INDEX IF NOT EXISTS seen ON runs (journal, size, changed)"
"""Whether a journal changed is looked up without touching the details."""
_PAGE = 65536
"""Bytes: of thousands of runs every page is read, and fewer large ones cost less."""
ReadFacts = Callable[[Path], RunFacts]


@dataclass(frozen=True)
class History:
    """The runs of a workspace, the oldest first, and the journals that could not be read."""

    runs: tuple[RunFacts, ...]
    problems: tuple[str, ...] = ()

    def of_experiment(self, name: str) -> tuple[RunFacts, ...]:
        """Return the runs with faults of one experiment, the oldest first."""
        return tuple(run for run in self.runs if run.kind == "run" and run.experiment == name)

    def named(self, run: str) -> RunFacts:
        """Return a run by its id, its directory or its journal; raise UsageError otherwise."""
        path = Path(run)
        wanted = path.parent.name if path.name in JOURNAL_NAMES else path.name
        for each in self.runs:
            if each.run == wanted:
                return each
        newest = ", ".join(each.run for each in self.runs[:-6:-1]) or "none"
        raise UsageError(f"there is no run `{run}` in the history", f"newest runs: {newest}")


@dataclass(frozen=True)
class _Seen:
    """One journal as it lies on the disk."""

    path: str
    size: int
    changed: int

    @property
    def journal(self) -> str:
        """Return its path as text of UTF-8, whatever bytes it has."""
        return self.path.encode("utf-8", "backslashreplace").decode()


def index_file(state: Path, runs_directory: Path) -> Path:
    """Return the index of a directory of runs, in the state directory."""
    key = sha256(str(runs_directory.resolve()).encode("utf-8", "surrogateescape")).hexdigest()
    return state / "history" / f"{key[:16]}.sqlite"


@dataclass(frozen=True)
class Selection:
    """Which runs of a directory are asked for; by default all of them."""

    experiment: str = ""
    """Only runs of the experiment of this name; empty for any."""
    newest: int = -1
    """At most so many, the newest; negative for any number."""


ALL = Selection()


def read_history(
    runs_directory: Path, index: Path, read: ReadFacts, selection: Selection = ALL
) -> History:
    """Return the runs of a directory that are asked for, by its index where that is up to date.

    `read` makes the facts of one journal, or raises UsageError. An index that cannot be written,
    or that others may have written, costs time and nothing else.
    """
    seen = list(_journals_in(runs_directory))
    if _is_own(index):
        try:
            return _by_index(index, seen, read, selection)
        except (sqlite3.DatabaseError, ValueError, OSError):
            _take_away(index)
        with suppress(sqlite3.DatabaseError, ValueError, OSError):
            return _by_index(index, seen, read, selection)
    with closing(sqlite3.connect(":memory:")) as memory:
        return _updated(memory, seen, read, selection)


def _is_own(index: Path) -> bool:
    """Tell whether nobody else wrote the index: a view or trigger in it is a program of SQL."""
    places = (index.parent, index)
    return not (any(map(of_others, places)) or any(place.is_symlink() for place in places))


def _journals_in(directory: Path) -> Iterator[_Seen]:
    try:
        entries = [entry.path for entry in os.scandir(directory)]
    except FileNotFoundError:
        return
    except OSError as error:
        raise UsageError(f"{directory}: cannot be read: {error.strerror}") from error
    for entry in entries:
        for name in JOURNAL_NAMES:
            journal = f"{entry}/{name}"
            try:
                status = os.stat(journal)  # noqa: PTH116  # a Path for each of 10,000 takes long
            except OSError:
                continue
            yield _Seen(journal, status.st_size, status.st_mtime_ns)
            break


def _take_away(index: Path) -> None:
    try:
        index.unlink(missing_ok=True)
    except OSError:
        return  # it will be of no use a second time, and is then done without


def _by_index(index: Path, seen: list[_Seen], read: ReadFacts, selection: Selection) -> History:
    index.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with closing(sqlite3.connect(index, timeout=_PATIENCE)) as database:
        database.execute(f"PRAGMA page_size = {_PAGE}")
        [version] = database.execute("PRAGMA user_version").fetchone()
        if version not in (0, INDEX_VERSION):
            database.execute("DROP TABLE IF EXISTS runs")
        database.execute(f"PRAGMA user_version = {INDEX_VERSION}")
        return _updated(database, seen, read, selection)


def _updated(
    database: sqlite3.Connection, seen: list[_Seen], read: ReadFacts, selection: Selection
) -> History:
    """Read what is new or changed, forget what is gone, and return what is asked for."""
    database.execute(_TABLE)
    database.execute(_BY_JOURNAL)
    known = {
        journal: (size, changed)
        for journal, size, changed in database.execute("SELECT journal, size, changed FROM runs")
    }
    gone = known.keys() - {each.journal for each in seen}
    new = [each for each in seen if known.get(each.journal) != (each.size, each.changed)]
    if gone or new:
        with database:
            database.executemany("DELETE FROM runs WHERE journal = ?", [(each,) for each in gone])
            database.executemany(
                "INSERT OR REPLACE INTO runs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (_row(each, read) for each in new),
            )
    return _history(database, selection)


def _row(seen: _Seen, read: ReadFacts) -> tuple[object, ...]:
    place = (seen.journal, seen.size, seen.changed)
    try:
        facts = read(Path(seen.path))
    except UsageError as error:
        return (*place, "", "", "", "", None, "", 0, error.message)
    return (*place, *_written(facts), _digest(facts), "")


def _written(facts: RunFacts) -> tuple[str, str, str, str, str | None, str]:
    started = facts.started.isoformat()
    return facts.run, facts.kind, facts.experiment, started, facts.verdict, facts.details_json


def _digest(facts: RunFacts) -> int:
    """Return a checksum of a row: what is damaged is found without reading all details."""
    text = "\n".join(each or "" for each in _written(facts))
    return crc32(text.encode("utf-8", "surrogatepass"))


def _history(database: sqlite3.Connection, selection: Selection) -> History:
    problems = database.execute("SELECT problem FROM runs WHERE problem != '' ORDER BY journal")
    rows = database.execute(  # what is sorted is without the details, so it stays in memory
        "SELECT run, kind, experiment, started, verdict, details, digest FROM runs"
        " WHERE rowid IN (SELECT rowid FROM runs"
        "  WHERE problem = '' AND (:experiment = '' OR experiment = :experiment)"
        "  ORDER BY started DESC, run DESC LIMIT :newest)",
        asdict(selection),
    )
    with collector_paused():
        runs = [_facts(*row) for row in rows]
    runs.sort(key=lambda run: (run.started, run.run))
    return History(tuple(runs), tuple(problem for (problem,) in problems))


def _facts(
    run: str,
    kind: RunKind,
    experiment: str,
    started: str,
    verdict: Verdict | None,
    details: str,
    digest: int,
) -> RunFacts:
    facts = RunFacts(run, kind, experiment, datetime.fromisoformat(started), verdict, details)
    if _digest(facts) != digest:
        raise sqlite3.DatabaseError("a row is not as it was written")
    return facts
