"""Ask one check again and again, in a thread of its own.

A server that hangs, a command that fills its output or cannot be started must never hold up
whoever watches: they only read the answers that are there.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Collection
from pathlib import Path

from chaos_runner.checks.cutoff import Cutoff
from chaos_runner.checks.kind import CheckKind
from chaos_runner.threads.background import Background
from chaos_runner.verdict.answer import Answer, Answered

_ANSWERS_KEPT = 100_000
"""A day of one a second."""
LAST_QUESTIONS_LIMIT = 10.0
"""Seconds to wait for questions that were cut off; a name lookup may take longer, and is left."""


class CheckLoop:
    """The answers of one check so far."""

    def __init__(
        self,
        check: CheckKind,
        every: float,
        patience: float,
        directory: Path,
        phase: Callable[[], str] = lambda: "",
        heard: Callable[[Answered], None] = lambda answered: None,
    ) -> None:
        """Ask `check` every so many seconds; `heard` is told each answer, in the thread.

        An answer may take `patience` seconds; `phase` says in which phase of the run it is asked.
        """
        self._check = check
        self._every = every
        self._patience = patience
        self._directory = directory
        self._phase = phase
        self._heard = heard
        self._answers: deque[Answered] = deque(maxlen=_ANSWERS_KEPT)
        self._ended = threading.Event()
        self._lock = threading.Lock()
        self._cutoff: Cutoff | None = None
        self._thread = Background("check", self._run_on)

    def start(self) -> None:
        """Ask for the first time, and then every interval."""
        self._thread.start()

    def stop(self) -> None:
        """Ask no more, and cut off a question that is under way."""
        self._ended.set()
        with self._lock:
            if self._cutoff is not None:
                self._cutoff.cut()

    def join(self, limit: float) -> None:
        """Wait until nothing is left of one that was stopped, at most so many seconds."""
        if self._thread.is_alive():
            self._thread.join(limit)

    def answers(self) -> list[Answered]:
        """Return the answers so far, oldest first; raise what the thread died of."""
        self._thread.check()
        return list(self._answers)

    def _run_on(self) -> None:
        while not self._ended.is_set():
            began = time.monotonic()
            answered = self._ask_once(began)
            if not self._ended.is_set():
                self._answers.append(answered)
                self._heard(answered)
            self._ended.wait(max(0.0, began + self._every - time.monotonic()))

    def _ask_once(self, began: float) -> Answered:
        phase = self._phase()
        with Cutoff(self._patience) as cutoff:
            with self._lock:
                self._cutoff = cutoff
                if self._ended.is_set():
                    cutoff.cut()
            answer = self._check.ask(cutoff, self._directory)
        with self._lock:
            self._cutoff = None
        if cutoff.late:
            answer = Answer(
                how="timeout",
                verdict=self._check.when_late,
                timeout=self._patience,
                output=answer.output if answer.how == "signal" else "",
            )
        return Answered(began, time.monotonic(), answer, phase)


def close_all(loops: Collection[CheckLoop]) -> None:
    """Stop them all, and wait until nothing of them is left, for a few seconds at most."""
    for loop in loops:
        loop.stop()
    end = time.monotonic() + LAST_QUESTIONS_LIMIT
    for loop in loops:
        loop.join(max(0.0, end - time.monotonic()))
