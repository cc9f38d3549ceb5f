"""The child's end of the pipes to the run. It never waits for the run to read or to write."""

from __future__ import annotations

import time
from queue import SimpleQueue
from threading import Event
from typing import TextIO

from chaos_runner.kafka.common.messages import (
    COMMAND,
    Command,
    ProbeMessage,
    ProbeSettings,
    TellTime,
    Time,
)
from chaos_runner.threads.background import Background

_LAST_WORDS_SECONDS = 5.0


class ControllerGoneError(Exception):
    """Nobody listens any more; internal to the child, which then tidies up and ends."""


class Channel:
    """The way to the run: commands read and messages written, each in a thread of its own."""

    def __init__(self, reads: TextIO, writes: TextIO) -> None:
        self._reads = reads
        self._writes = writes
        self._commands: SimpleQueue[Command] = SimpleQueue()
        self._messages: SimpleQueue[ProbeMessage | None] = SimpleQueue()
        self._gone = Event()
        self._reader = Background("probe-commands", self._read_on, self.hang_up)
        self._writer = Background("probe-messages", self._write_on, self.hang_up)

    def open(self) -> ProbeSettings:
        """Wait for the settings, then begin to read and write."""
        line = self._reads.readline()
        if not line:
            raise ControllerGoneError
        self._reader.start()
        self._writer.start()
        return ProbeSettings.model_validate_json(line)

    def hang_up(self) -> None:
        """Behave from now on as if the control node were gone."""
        self._gone.set()

    def take(self) -> list[Command]:
        """Return the commands since the last call; raise as `check`, which is to be called, too."""
        if self._commands.empty():
            return []
        self.check()
        return [self._commands.get() for _ in range(self._commands.qsize())]

    def check(self) -> None:
        """Raise ControllerGoneError when nobody listens any more."""
        if self._gone.is_set():
            raise ControllerGoneError

    def send(self, message: ProbeMessage) -> None:
        """Send a message as soon as the run reads; returns at once."""
        self._messages.put(message)

    def close(self) -> None:
        """Write what is left to be said, for a few seconds at most."""
        self._messages.put(None)
        if self._writer.is_alive():
            self._writer.join(_LAST_WORDS_SECONDS)

    def _read_on(self) -> None:
        for line in self._reads:
            command = COMMAND.validate_json(line)
            if isinstance(command, TellTime):
                self.send(Time(request=command.request, now=time.monotonic()))
            else:
                self._commands.put(command)

    def _write_on(self) -> None:
        while (message := self._messages.get()) is not None:
            self._writes.write(message.model_dump_json() + "\n")
            self._writes.flush()
