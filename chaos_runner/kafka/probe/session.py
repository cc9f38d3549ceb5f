"""The run's end of the probe: start it, ask it, notice at once when it dies.

Imports no Kafka client: the probe lives in a process of its own, so that nothing a client
library does (block, spin, crash) can keep the run from putting hosts back.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from itertools import count
from threading import Condition
from typing import TypeVar

from chaos_runner.errors import ProbeError
from chaos_runner.kafka.common.messages import (
    BucketMessage,
    Command,
    EnterPhase,
    Finish,
    Finished,
    HealthMessage,
    NoticeMessage,
    ProbeMessage,
    ProbeSettings,
    Quiet,
    Ready,
    Settle,
    Settled,
    TellTime,
    Time,
    WaitingMessage,
    WaitUntilQuiet,
)
from chaos_runner.kafka.probe.process import HERE, ProbeCommand, ProbeProcess

__all__ = ["Probe", "ProbeSettings"]

_GRACE = 15.0
"""Seconds beyond a limit before the probe is said to have missed it."""
_TICK = 0.2
_START = 0
"""The request number under which `Ready` is kept: it answers the settings."""

Wanted = TypeVar("Wanted", Ready, Quiet, Settled, Finished)


class Probe:
    """One probe process. Methods raise ProbeError once it is dead, and say why it died.

    `on_message` is called in the reading thread with each BucketMessage, HealthMessage, Time,
    NoticeMessage and WaitingMessage; what it raises is raised again by the next call of any
    method.
    """

    def __init__(
        self,
        settings: ProbeSettings,
        on_message: Callable[[ProbeMessage], None],
        command: ProbeCommand = HERE,
    ) -> None:
        self._settings = settings
        self._command = command
        self._on_message = on_message
        self._changed = Condition()
        self._answers: dict[int, ProbeMessage] = {}
        self._requests = count(_START + 1)
        self._process: ProbeProcess | None = None

    def start(self, timeout: float, begun: Callable[[], None] = lambda: None) -> Ready:
        """Start the process and wait until records flow, `timeout` seconds at most.

        `begun` is called once it may be asked for the time.
        Raises ProbeError: the cluster cannot be reached, refuses the topic, or is not whole.
        Raises UsageError for a client property that cannot be used.
        """
        with ExitStack() as undo:
            undo.callback(self.kill)
            self._process = ProbeProcess(self._receive, self._wake, self._command)
            self._send(self._settings.model_copy(update={"start_limit": timeout}))
            begun()
            ready = self._answer(_START, Ready, timeout)
            undo.pop_all()
        return ready

    def wait_until_quiet(self, limit: float, cancelled: Callable[[], bool] = lambda: False) -> bool:
        """Wait until the cluster is quiet; False when `limit` passed first, or when cancelled.

        What stood in the way comes as a NoticeMessage.
        """
        request = next(self._requests)
        self._send(WaitUntilQuiet(request=request, limit=limit))
        deadline = time.monotonic() + limit + _GRACE
        while not cancelled():
            quiet = self._look(request, Quiet)
            if quiet is not None:
                return quiet.quiet
            self._require_in_time(deadline)
        return False

    def enter_phase(self, phase: str) -> None:
        """Count the records that are due from now on under another phase."""
        self._send(EnterPhase(phase=phase))

    def tell_time(self) -> int:
        """Ask what its clock shows; a Time with the number that is returned comes as a message."""
        request = next(self._requests)
        self._send(TellTime(request=request))
        return request

    def settle(self, limit: float) -> bool:
        """Wait until all records acked so far were consumed; False when the limit passed.

        The buckets as they are then have been handed to `on_message` before this returns.
        """
        request = next(self._requests)
        self._send(Settle(request=request, limit=limit))
        return self._answer(request, Settled, limit).settled

    def finish(self, limit: float | None = None) -> Finished:
        """Stop sending, drain, and return the account; the process is then gone.

        `limit` is the settings' `drain_limit` by default. Arbitration and the deletion of the
        topic may take some seconds beyond it.
        """
        request = next(self._requests)
        limit = self._settings.drain_limit if limit is None else limit
        self._send(Finish(request=request, limit=limit))
        finished = self._answer(request, Finished, limit + 2 * _GRACE)
        self.kill()
        return finished

    @property
    def process(self) -> int:
        """Return the id of the probe's process; raises ProbeError before the start."""
        return self._started().identity

    @property
    def alive(self) -> bool:
        """Tell whether the process runs and speaks."""
        return self._process is not None and self.trouble() is None

    def raise_if_dead(self) -> None:
        """Raise why the probe is of no more use; return while it works."""
        trouble = self.trouble()
        if trouble is not None:
            raise trouble

    def last_heard(self) -> float | None:
        """Return when the process last said something, `time.monotonic()`; None before."""
        return self._process.last_heard if self._process else None

    def trouble(self) -> BaseException | None:
        """Return why the probe is of no use; None while it works."""
        return self._started().trouble()

    def kill(self) -> None:
        """End the process, if there is one; it has three seconds to delete its topic."""
        if self._process is not None:
            self._process.end()

    def _receive(self, message: ProbeMessage) -> None:
        match message:
            case BucketMessage() | HealthMessage() | NoticeMessage() | WaitingMessage() | Time():
                self._on_message(message)
            case Ready():
                self._answers[_START] = message
            case Quiet() | Settled() | Finished():
                self._answers[message.request] = message

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def _send(self, line: ProbeSettings | Command) -> None:
        self._started().send(line)

    def _answer(self, request: int, wanted: type[Wanted], limit: float) -> Wanted:
        deadline = time.monotonic() + limit + _GRACE
        while (answer := self._look(request, wanted)) is None:
            self._require_in_time(deadline)
        return answer

    def _look(self, request: int, wanted: type[Wanted]) -> Wanted | None:
        with self._changed:
            if request not in self._answers:
                self.raise_if_dead()
                self._changed.wait(_TICK)
            answer = self._answers.get(request)
        return answer if isinstance(answer, wanted) else None

    def _require_in_time(self, deadline: float) -> None:
        if time.monotonic() >= deadline:
            raise ProbeError(
                f"{self._command.name} did not answer in time",
                "the machine may be out of CPU; look at its load and run again",
            )

    def _started(self) -> ProbeProcess:
        if self._process is None:
            raise ProbeError(f"{self._command.name} has not been started")
        return self._process
