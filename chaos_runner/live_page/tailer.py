"""The one reader of journals: whatever the number of viewers, each line is read once.

It only reads. What it is busy with, or whether it runs at all, no run and no game day notices.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

from chaos_runner.attempt import Attempt
from chaos_runner.closing import Closing
from chaos_runner.gameday.journal import journals_of_days
from chaos_runner.gameday.walk_lock import walker_of
from chaos_runner.journal.journal import journals_in
from chaos_runner.journal.names import JOURNAL_NAME
from chaos_runner.journal.process_lock import RUN_LOCK, holder_of
from chaos_runner.live_page.followed import Followed, FollowedDay, FollowedRun
from chaos_runner.live_page.metrics import metrics_of
from chaos_runner.live_page.parts.bounded_text import text_of

LOOK_EVERY = 0.25
"""Seconds between two looks: a viewer sees what happened within a second."""
NEWEST_RUNS = 8
NEWEST_DAYS = 2
"""How many are shown, beside those that are on."""
_LOOK_FOR_NEW = 5.0
"""Seconds after which new ones are looked for though the directory seems not to have changed."""

PROBLEM = "problem"
"""The key of the part that says why nothing can be followed."""

Publish = Callable[[str, dict[str, object] | None], None]


class Tailer(Closing):
    """A thread that follows the newest runs and game days of a directory, and those that are on."""

    def __init__(self, runs_directory: Path, publish: Publish) -> None:
        self._directory = runs_directory
        self._publish = publish
        self._followed: dict[str, Followed] = {}
        self._looking = threading.Lock()
        self._over = threading.Event()
        self._listed = (-1, 0.0)
        self._thread = threading.Thread(target=self._work, name="tailer", daemon=True)

    def start(self) -> None:
        """Begin to follow."""
        self._thread.start()

    def close(self) -> None:
        """Follow no more."""
        self._over.set()
        if self._thread.is_alive():
            self._thread.join(10.0)

    def look(self) -> str:
        """Take once what is new in everything, publish what changed, and return what failed."""
        with self._looking:
            self._choose()
            problems = []
            for key, each in self._followed.items():
                with Attempt() as attempt:  # one that fails keeps nobody from seeing the others
                    if each.look():
                        self._publish(key, each.part())
                if attempt.error is not None:
                    problems.append(f"{key}: {attempt.problem}")
            return "; ".join(problems)

    def metrics(self) -> str:
        """Return the runs that are on, as metrics; may be called in any thread."""
        with self._looking:
            runs = [each for each in self._followed.values() if isinstance(each, FollowedRun)]
            return metrics_of([state for each in runs if (state := each.going_on) is not None])

    def _work(self) -> None:
        problem = ""
        while not self._over.wait(LOOK_EVERY):
            failed = ""
            with Attempt() as attempt:  # whatever it is, it is shown, and looked at again
                failed = self.look()
            if (now := attempt.problem or failed) != problem:
                problem = now
                part: dict[str, object] = {"kind": "problem", "text": text_of(problem)}
                self._publish(PROBLEM, part if problem else None)

    def _choose(self) -> None:
        """Follow what is new, and what is old and over no more."""
        try:
            changed = self._directory.stat().st_mtime_ns
        except OSError:
            return  # it is made with the first run
        seen, when = self._listed
        if changed == seen and time.monotonic() - when < _LOOK_FOR_NEW:
            return
        self._listed = (changed, time.monotonic())
        chosen = _chosen(self._directory)
        for key in self._followed.keys() - chosen.keys():
            del self._followed[key]
            self._publish(key, None)
        for key, directory in chosen.items():
            if key not in self._followed:
                is_run = key.startswith(_RUN)
                self._followed[key] = FollowedRun(directory) if is_run else FollowedDay(directory)


_RUN, _DAY = "run ", "day "


def _chosen(runs_directory: Path) -> dict[str, Path]:
    """Return the directories to follow by their keys, the oldest first."""
    runs = [
        journal.parent
        for journal in journals_in(runs_directory).values()
        if journal.name == JOURNAL_NAME
    ]
    days = [journal.parent for journal in journals_of_days(runs_directory)]
    older = [each for each in runs[:-NEWEST_RUNS] if holder_of(each / RUN_LOCK)]
    older_days = [each for each in days[:-NEWEST_DAYS] if walker_of(each)]
    chosen = {f"{_RUN}{each.name}": each for each in [*older, *runs[-NEWEST_RUNS:]]}
    return {
        **chosen,
        **{f"{_DAY}{each.name}": each for each in [*older_days, *days[-NEWEST_DAYS:]]},
    }
