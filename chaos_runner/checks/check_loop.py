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
from chaos_runner.units import printable
from chaos_runner.verdict.answer import Answer, Answered

_ANSWERS_KEPT = 100_000
"""A day of one a second."""
SIGHT_LASTS = 60.0
"""Seconds for which a check that could have seen something is taken to see on: what would keep it
from that, such as a rule that is gone, changes seldom. It is looked for again at the end of each
phase, so that none is judged by what nobody could see."""
_LAST_LOOK = 5.0
"""Seconds for that at the end of all."""
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
        self._sighted: tuple[float, str] | None = None
        """When the check could last have seen something, and in which phase; None if not."""
        self._on_trust = False
        """Whether answers since then hold only as it still can."""
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
                self._note(answered)
            self._ended.wait(max(0.0, began + self._every - time.monotonic()))
        if self._on_trust:
            began = time.monotonic()
            with Cutoff(_LAST_LOOK) as cutoff:
                self._look_whether_blind(cutoff, began, "")

    def _ask_once(self, began: float) -> Answered:
        phase = self._phase()
        with Cutoff(self._patience) as cutoff:
            with self._lock:
                self._cutoff = cutoff
                if self._ended.is_set():
                    cutoff.cut()
            answer = self._check.ask(cutoff, self._directory)
            if answer.succeeded:
                answer = self._seen_through(cutoff, began, phase) or answer
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

    def _seen_through(self, cutoff: Cutoff, began: float, phase: str) -> Answer | None:
        """Return why an answer that holds says nothing, if nobody could have seen otherwise."""
        if self._sighted:
            since, of_phase = self._sighted
            if phase == of_phase and began - since < SIGHT_LASTS:
                self._on_trust = True
                return None
        return self._look_whether_blind(cutoff, began, phase)

    def _look_whether_blind(self, cutoff: Cutoff, began: float, phase: str) -> Answer | None:
        """Look, and return the answer that it is; it is one of the phase before as well.

        That is where answers of it were taken on trust since the last look.
        """
        why = self._check.why_blind(cutoff, self._directory)
        if self._ended.is_set() and phase:
            return None  # it was cut off: the last look is still to come
        blind = Answer(how="not_understood", verdict="inconclusive", output=printable(why, 200))
        of_phase = self._answers[-1].phase if self._answers else phase
        if why and self._on_trust and of_phase != phase:
            self._note(Answered(began, time.monotonic(), blind, of_phase))
        self._sighted = None if why else (began, phase)
        self._on_trust = False
        return blind if why else None

    def _note(self, answered: Answered) -> None:
        self._answers.append(answered)
        self._heard(answered)


def close_all(loops: Collection[CheckLoop]) -> None:
    """Stop them all, and wait until nothing of them is left, for a few seconds at most."""
    for loop in loops:
        loop.stop()
    end = time.monotonic() + LAST_QUESTIONS_LIMIT
    for loop in loops:
        loop.join(max(0.0, end - time.monotonic()))
