"""The run's end of the probe: start the process, ask it, notice at once when it dies."""

from __future__ import annotations

import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable
from itertools import count
from threading import Condition
from typing import IO, TypeVar

from pydantic import BaseModel

from chaos_runner.errors import ProbeError
from chaos_runner.kafka.background import Background
from chaos_runner.kafka.messages import (
    MESSAGE,
    Answer,
    BucketMessage,
    EnterPhase,
    Failed,
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
    WaitUntilQuiet,
)

__all__ = ["Probe", "ProbeSettings"]

SILENCE_LIMIT = 15.0
"""A probe at work says something each second; one that is silent for so long hangs."""

_GRACE = 15.0
"""Seconds beyond a limit before the probe is said to have missed it."""
_LAST_WORDS = 3.0
"""Seconds for a probe that is told to go, in which it deletes its topic."""
_TICK = 0.2
_STDERR_LINES = 20

Wanted = TypeVar("Wanted", Ready, Quiet, Settled, Finished)


class Probe:
    """Hold one probe process. Methods raise ProbeError once it is dead, and say why it died.

    `on_message` is called in the reading thread with each BucketMessage, HealthMessage and
    NoticeMessage; what it raises is raised again by the next call of any method.
    """

    def __init__(self, settings: ProbeSettings, on_message: Callable[[ProbeMessage], None]) -> None:
        self._settings = settings
        self._on_message = on_message
        self._process: subprocess.Popen[str] | None = None
        self._changed = Condition()
        self._ready: Ready | None = None
        self._answers: dict[int, Answer] = {}
        self._failed: Failed | None = None
        self._ended = False
        self._last_heard = 0.0
        self._requests = count(1)
        self._stderr: deque[str] = deque(maxlen=_STDERR_LINES)
        self._reader = Background("probe", self._read, self._note_end)
        self._stderr_reader = Background("probe-stderr", self._read_stderr)

    def start(self, timeout: float) -> Ready:
        """Start the process and wait until records flow, `timeout` seconds at most."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "chaos_runner.kafka.probe"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,  # a Ctrl-C in the terminal is for the run alone
        )
        self._reader.start()
        self._stderr_reader.start()
        self._send(self._settings.model_copy(update={"start_limit": timeout}))
        return self._wait_for(Ready, lambda: self._ready, timeout, "start")

    def wait_until_quiet(
        self, limit: float, cancelled: Callable[[], bool] = lambda: False
    ) -> bool:
        """Wait until the cluster is quiet; False when `limit` passed first or it was cancelled.

        What stood in the way comes as a NoticeMessage.
        """
        request = next(self._requests)
        self._send(WaitUntilQuiet(request=request, limit=limit))
        quiet = self._wait_for(
            Quiet, lambda: self._answer(request, Quiet), limit, "judge the warm-up", cancelled
        )
        return quiet is not None and quiet.quiet

    def enter_phase(self, phase: str) -> None:
        """Count the records that are due from now on under another phase."""
        self._send(EnterPhase(phase=phase))

    def settle(self, limit: float) -> bool:
        """Wait until all records acked so far were read back; False when the limit passed."""
        request = next(self._requests)
        self._send(Settle(request=request, limit=limit))
        return self._wait_for(
            Settled, lambda: self._answer(request, Settled), limit, "settle"
        ).settled

    def finish(self, limit: float | None = None) -> Finished:
        """Stop sending, drain, and return the account; the probe is then gone.

        `limit` is the settings' `drain_limit` by default.
        """
        request = next(self._requests)
        limit = self._settings.drain_limit if limit is None else limit
        self._send(Finish(request=request, limit=limit))
        finished = self._wait_for(
            Finished, lambda: self._answer(request, Finished), limit + 2 * _GRACE, "finish"
        )
        self.kill()
        return finished

    @property
    def alive(self) -> bool:
        """Tell whether the process runs and speaks."""
        return self._trouble() is None

    def raise_if_dead(self) -> None:
        """Raise ProbeError, or what `on_message` raised, when the probe is of no more use."""
        trouble = self._trouble()
        if trouble is not None:
            raise trouble

    def kill(self) -> None:
        """End the process: ask it to tidy up and go, and after three seconds make it."""
        process = self._process
        if process is None:
            return
        self._close(process.stdin)
        try:
            process.wait(_LAST_WORDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        self._reader.join()
        self._stderr_reader.join()
        self._close(process.stdout)
        self._close(process.stderr)
