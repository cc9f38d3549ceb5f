"""The probe's process as the run sees it: lines in, messages out, and how it died."""

from __future__ import annotations

import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Lock, current_thread
from typing import IO

from pydantic import BaseModel

from chaos_runner.errors import ChaosRunnerError, ProbeError, UsageError
from chaos_runner.kafka.common.messages import MESSAGE, Failed, Finished, ProbeMessage
from chaos_runner.shown import shown_line
from chaos_runner.threads.background import Background

SILENCE_LIMIT = 15.0
"""A probe at work says something each second; one that is silent for so long hangs."""

_LONGEST_LINE = 4 * 1024**2
"""Characters; what a message is beyond is no message."""
_LAST_WORDS = 3.0
"""Seconds for a probe that is told to go, in which it deletes its topic."""
_STDERR_LINES = 20
_LONGEST_COMPLAINT = 1000


@dataclass(frozen=True)
class ProbeCommand:
    """What starts a probe: on this machine, or through what leads to another one."""

    words: tuple[str, ...] = (sys.executable, "-P", "-m", "chaos_runner.kafka.probe.probe")
    """-P: else Python would look for every module in the current directory first."""
    environment: Mapping[str, str] | None = field(default=None, repr=False)
    """None for that of this process."""
    where: str = ""
    """Whose probe it is, in messages; empty for that of this machine."""

    @property
    def name(self) -> str:
        """Return what messages call the probe."""
        return f"the Kafka probe on {self.where}" if self.where else "the Kafka probe"


HERE = ProbeCommand()


class ProbeProcess:
    """The probe's process, read in a thread that calls `receive` with each message.

    `changed` is called after each message and after the end, in the reading thread as well.
    """

    def __init__(
        self,
        receive: Callable[[ProbeMessage], None],
        changed: Callable[[], None],
        command: ProbeCommand = HERE,
    ) -> None:
        self._name = command.name
        self._receive = receive
        self._changed = changed
        self._failed: Failed | None = None
        self._finished = False
        self._last_heard: float | None = None
        self._writing = Lock()
        self._stderr: deque[str] = deque(maxlen=_STDERR_LINES)
        self._stderr_reader = Background("probe-stderr", self._read_stderr)
        self._reader = Background("probe-messages", self._read, changed)
        self._process = subprocess.Popen(
            command.words,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=command.environment,
            start_new_session=True,  # a Ctrl-C in the terminal is for the run alone
        )
        self._stderr_reader.start()
        self._reader.start()

    @property
    def last_heard(self) -> float | None:
        """Return when the child last said something, `time.monotonic()`; None before."""
        return self._last_heard

    @property
    def identity(self) -> int:
        """Return the process id."""
        return self._process.pid

    def send(self, line: BaseModel) -> None:
        """Write one line to the child; raise ProbeError when it is dead."""
        try:
            with self._writing:
                _pipe(self._process.stdin).write(line.model_dump_json() + "\n")
                _pipe(self._process.stdin).flush()
        except (BrokenPipeError, ValueError) as error:
            if current_thread() is not self._reader:
                self._reader.join(1.0)
            raise (self.trouble() or ProbeError(f"{self._name} has already ended")) from error

    def trouble(self) -> BaseException | None:
        """Return why the child is of no more use: None while it works."""
        if self._reader.error is not None:
            return self._reader.error
        if not self._reader.is_alive():
            return self._death()
        if self._last_heard is not None and time.monotonic() - self._last_heard > SILENCE_LIMIT:
            return ProbeError(
                f"{self._name} has said nothing for {SILENCE_LIMIT:g} s (process {self.identity})",
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
            return ProbeError(f"{self._name} has already finished")
        self._stderr_reader.join(1.0)
        status = self._process.wait()
        how = f"by signal {-status}" if status < 0 else f"with status {status}"
        last = self._stderr[-1] if self._stderr else ""
        return ProbeError(
            f"{self._name} ended unexpectedly {how}" + (f": {last}" if last else ""),
            "look for the reason in the machine's log (out of memory?), and run again",
        )

    def _read(self) -> None:
        pipe = _pipe(self._process.stdout)
        while line := pipe.readline(_LONGEST_LINE):
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
        pipe = _pipe(self._process.stderr)
        while line := pipe.readline(_LONGEST_LINE):
            self._stderr.append(shown_line(line.rstrip())[:_LONGEST_COMPLAINT])


def _pipe(stream: IO[str] | None) -> IO[str]:
    if stream is None:
        raise ProbeError("the Kafka probe was started without its pipes")
    return stream
