"""The process that holds a fault of the cluster, as a run sees it; and the one that undoes one."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import IO

from pydantic import ValidationError

from chaos_runner.errors import ChaosRunnerError, InjectionError, ProbeError
from chaos_runner.kafka.admin_faults.protocol.messages import (
    ANSWER,
    ORDER_APPLY,
    ORDER_RENEW,
    ORDER_UNDO,
    Ended,
    Failed,
    HoldSettings,
    InPlace,
    Prepared,
    UndoSettings,
)
from chaos_runner.kafka.admin_faults.protocol.records import Holder, started_of
from chaos_runner.measurements.cluster_fault import ClusterEnding, ClusterUndo
from chaos_runner.measurements.reading import Reading, said
from chaos_runner.threads.background import Background

PREPARE_LIMIT = 60.0
"""Seconds to meet the cluster and read thousands of configurations; a small one takes one."""
APPLY_LIMIT = 120.0
UNDO_LIMIT = 120.0
"""Seconds for one try of a process that only undoes."""
_MODULE = "chaos_runner.kafka.admin_faults"


class HeldFault:
    """One fault of the cluster, held by a process of its own that outlives this one.

    It is not a child that ends with its parent: when this process dies, its pipe closes, and it
    takes the fault back. Threads may use it at the same time.
    """

    def __init__(self, settings: HoldSettings) -> None:
        self._changed = threading.Condition()
        self._prepared: Prepared | None = None
        self._in_place: InPlace | None = None
        self._ending: ClusterEnding | None = None
        self._problem = ""
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", f"{_MODULE}.watchdog"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,  # what ends the run's terminal or group does not end it
        )
        self._last_words: deque[str] = deque(maxlen=1)
        self._stderr_reader = Background("cluster-fault-stderr", self._read_stderr)
        self._stderr_reader.start()
        self._reader = Background("cluster-fault", self._read, self._tell_changed)
        self._reader.start()
        self._send(settings.model_dump_json())

    @property
    def holder(self) -> Holder:
        """Return the process, for the record."""
        return Holder(process=self._process.pid, started=started_of(self._process.pid))

    @property
    def problem(self) -> str:
        """Return why the fault is not off yet, as far as it was told."""
        if self._problem or self._reader.is_alive():
            return self._problem
        self._stderr_reader.join(1.0)
        return f"the process that holds it has ended: {''.join(self._last_words) or 'no reason'}"

    def prepare(self) -> ClusterUndo:
        """Return what would take it back; nothing is changed. Raises InjectionError."""
        self._wait(lambda: self._prepared is not None, PREPARE_LIMIT)
        if self._prepared is None:
            raise InjectionError(
                self.problem or "the cluster did not tell its configuration in time",
                "nothing was changed on the cluster",
            )
        return self._prepared.undo

    def apply(self) -> InPlace:
        """Put it on; its undo is on disk. Raises InjectionError where that is not told."""
        self._send(ORDER_APPLY)
        self._wait(lambda: self._in_place is not None, APPLY_LIMIT)
        if self._in_place is None:
            raise InjectionError(self.problem or "the cluster did not show the fault in time")
        return self._in_place

    def renew(self) -> tuple[Reading, ...]:
        """Keep it for another lease; return what tells that it is not in place, or nothing."""
        if self._ending is not None:
            return (said(f"it was taken back already ({self._ending.by})"),)
        if not self._reader.is_alive():
            return (said(self.problem),)
        self._send(ORDER_RENEW)
        known = self._in_place
        return known.readings if known is not None and not known.effect else ()

    def undo(self) -> None:
        """Have it taken back, without waiting for that."""
        self._send(ORDER_UNDO)

    def wait(self, limit: float) -> ClusterEnding | None:
        """Return how it ended, or None where it has not within `limit` seconds."""
        self._wait(lambda: self._ending is not None, limit)
        return self._ending

    def leave(self) -> None:
        """Close the pipe, and wait for the process where its work is done."""
        with suppress(OSError, ValueError):
            _pipe(self._process.stdin).close()
        if self._ending is not None or self._prepared is None:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(5.0)

    def _wait(self, what: Callable[[], bool], limit: float) -> bool:
        deadline = time.monotonic() + limit
        with self._changed:
            while not what():
                left = deadline - time.monotonic()
                if left <= 0 or not self._reader.is_alive():
                    return False
                self._changed.wait(min(left, 0.5))
        return True

    def _send(self, line: str) -> None:
        with suppress(BrokenPipeError, ValueError):  # that it has ended is seen by its silence
            _pipe(self._process.stdin).write(line + "\n")
            _pipe(self._process.stdin).flush()

    def _read(self) -> None:
        for line in _pipe(self._process.stdout):
            message = ANSWER.validate_json(line)
            with self._changed:
                match message:
                    case Prepared():
                        self._prepared = message
                    case InPlace():
                        self._in_place = message
                    case Ended():
                        self._ending, self._problem = message.ending, message.error
                    case Failed():
                        self._problem = message.text + (
                            f" ({message.hint})" if message.hint else ""
                        )
                self._changed.notify_all()

    def _read_stderr(self) -> None:
        for line in _pipe(self._process.stderr):
            self._last_words.append(line.rstrip())

    def _tell_changed(self) -> None:
        with self._changed:
            self._changed.notify_all()


def undo_once(settings: UndoSettings) -> ClusterEnding:
    """Take a fault back, or only look at it, in a process of its own.

    Raises ProbeError where that could not be done or seen: then it is to be tried again.
    """
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", f"{_MODULE}.undo"],
            input=settings.model_dump_json() + "\n",
            capture_output=True,
            text=True,
            timeout=UNDO_LIMIT,
            start_new_session=True,
            check=False,
        )
        answer = Ended.model_validate_json(done.stdout)
    except subprocess.TimeoutExpired as error:
        raise ProbeError(f"the cluster did not answer within {UNDO_LIMIT:g} s") from error
    except ValidationError as error:
        last = done.stderr.strip().splitlines()[-1:] or [f"exit code {done.returncode}"]
        raise ProbeError(f"the process that takes the fault back failed: {last[0]}") from error
    if answer.ending is None:
        raise ProbeError(answer.error)
    return answer.ending


def _pipe(stream: IO[str] | None) -> IO[str]:
    if stream is None:
        raise ChaosRunnerError("the process that holds a cluster fault has no pipes")
    return stream
