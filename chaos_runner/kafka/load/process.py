"""The process of a load as the run sees it: what it reports, and how it ended."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from threading import Event
from typing import IO

from chaos_runner.errors import ProbeError
from chaos_runner.kafka.load.perf_test import LoadReport, report_in
from chaos_runner.shown import shown_line
from chaos_runner.threads.background import Background

_LONGEST_LINE = 4096
_LONGEST_COMPLAINT = 500
_END_LIMIT = 60.0
"""Seconds for the tool, which is made to end after five, and for what leads to it."""


class LoadProcess:
    """A load that goes on; `receive` is called with each report, `ended` with how it ended.

    Both are called in a thread of its own: `ended` with the exit code and its last complaint.
    """

    def __init__(
        self,
        words: tuple[str, ...],
        environment: Mapping[str, str] | None,
        directory: Path,
        receive: Callable[[LoadReport], None],
        ended: Callable[[int, str], None],
    ) -> None:
        """Start it; raise OSError where the program is not there."""
        self._receive = receive
        self._ended = ended
        self.has_reported = Event()
        self.is_over = Event()
        self._heard = time.monotonic()
        self._process = subprocess.Popen(
            words,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=directory,
            env=environment,
            start_new_session=True,  # a Ctrl-C in the terminal is for the run alone
        )
        self._reader = Background("load", self._read)
        self._reader.start()

    @property
    def silence(self) -> float:
        """Return the seconds since it last reported."""
        return time.monotonic() - self._heard

    def end(self) -> None:
        """End the load, and wait until nothing is left of it."""
        with suppress(OSError):
            _pipe(self._process.stdin).close()
        self._reader.join(_END_LIMIT)
        self._process.kill()
        self._reader.join(_END_LIMIT)
        self._reader.check()

    def _read(self) -> None:
        complaint = ""
        with _pipe(self._process.stdout) as output:
            while line := output.readline(_LONGEST_LINE):
                text = line.decode("utf-8", "replace").rstrip()
                if report := report_in(text):
                    self._heard = time.monotonic()
                    self._receive(report)
                    self.has_reported.set()
                elif text and not text[0].isspace():  # what is indented is the trace of a fault
                    complaint = shown_line(text)[:_LONGEST_COMPLAINT]
        code = self._process.wait()
        self.is_over.set()
        self._ended(code, complaint)


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    if stream is None:
        raise ProbeError("the load was started without its pipes")
    return stream
