"""The probe's process as the run sees it: lines in, messages out, and how it died."""

from __future__ import annotations

import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import IO

from pydantic import BaseModel

from chaos_runner.errors import ChaosRunnerError, ProbeError, UsageError
from chaos_runner.kafka.common.messages import MESSAGE, Failed, Finished, ProbeMessage
from chaos_runner.threads.background import Background

SILENCE_LIMIT = 15.0
"""A probe at work says something each second; one that is silent for so long hangs."""

_COMMAND = [sys.executable, "-P", "-m", "chaos_runner.kafka.probe.probe"]
"""-P: else Python would look for every module in the current directory first."""
_LAST_WORDS = 3.0
"""Seconds for a probe that is told to go, in which it deletes its topic."""
_STDERR_LINES = 20


class ProbeProcess:
    """The probe's process, read in a thread that calls `receive` with each message.

    `changed` is called after each message and after the end, in the reading thread as well.
    """

    def __init__(
        self, receive: Callable[[ProbeMessage], None], changed: Callable[[], None]
    ) -> None:
        self._receive = receive
        self._changed = changed
        self._failed: Failed | None = None
        self._finished = False
        self._last_heard: float | None = None
        self._stderr: deque[str] = deque(maxlen=_STDERR_LINES)
        self._stderr_reader = Background("probe-stderr", self._read_stderr)
        self._reader = Background("probe-messages", self._read, changed)
        self._process = subprocess.Popen(
            _COMMAND,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,  # a Ctrl-C in the terminal is for the run alone
        )
        self._stderr_reader.start()
        self._reader.start()

    @property
    def identity(self) -> int:
        """Return the process id."""
        return self._process.pid

    def send(self, line: BaseModel) -> None:
        """Write one line to the child; raise ProbeError when it is dead."""
        try:
            _pipe(self._process.stdin).write(line.model_dump_json() + "\n")
            _pipe(self._process.stdin).flush()
        except (BrokenPipeError, ValueError) as error:
            self._reader.join(1.0)
            raise (self.trouble() or ProbeError("the Kafka probe has already ended")) from error

    def trouble(self) -> BaseException | None:
        """Return why the child is of no more use: None while it works."""
        if self._reader.error is not None:
            return self._reader.error
        if not self._reader.is_alive():
            return self._death()
        if self._last_heard is not None and time.monotonic() - self._last_heard > SILENCE_LIMIT:
            return ProbeError(
                f"the Kafka probe has said nothing for {SILENCE_LIMIT:g} s (process "
                f"{self.identity})",
                "the machine may be out of CPU or memory, or the process is stopped",
            )
        return None

    def end(self) -> None:
        """Ask the child to tidy up and go; after three seconds, make it."""
        with suppress(BrokenPipeError):
            _pipe(self._process.stdin).close()
        try:
            self._process.wait(_LAST_WORDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join()
        self._stderr_reader.join()
        _pipe(self._process.stdout).close()
        _pipe(self._process.stderr).close()

    def _death(self) -> ChaosRunnerError:
        if self._failed is not None:
            kind = UsageError if self._failed.usage else ProbeError
            return kind(self._failed.text, self._failed.hint)
        if self._finished:
            return ProbeError("the Kafka probe has already finished")
        self._stderr_reader.join(1.0)
        status = self._process.wait()
        how = f"by signal {-status}" if status < 0 else f"with status {status}"
        last = self._stderr[-1] if self._stderr else ""
        return ProbeError(
            f"the Kafka probe ended unexpectedly {how}" + (f": {last}" if last else ""),
            "look for the reason in the machine's log (out of memory?), and run again",
        )

    def _read(self) -> None:
        for line in _pipe(self._process.stdout):
            message = MESSAGE.validate_json(line)
            self._last_heard = time.monotonic()
            match message:
                case Failed():
                    self._failed = message
                case Finished():
                    self._finished = True
            self._receive(message)
            self._changed()

    def _read_stderr(self) -> None:
        for line in _pipe(self._process.stderr):
            self._stderr.append(line.rstrip())


def _pipe(stream: IO[str] | None) -> IO[str]:
    if stream is None:
        raise ProbeError("the Kafka probe was started without its pipes")
    return stream
