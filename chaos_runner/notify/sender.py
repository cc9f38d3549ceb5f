"""The process that sends: alone imports Apprise, and alone sees addresses whole.

Reads one JSON document from stdin, and writes for each receiver its number and what went wrong.
"""

from __future__ import annotations

import json
import logging
import os
import re
import resource
import sys
import threading
from typing import Any

from chaos_runner.attempt import Attempt

_KINDNESS = 10
"""Steps by which it steps back behind the run that goes on."""
MEMORY = 512 * 1024**2
"""Bytes; twenty threads with the libraries take less than half."""
_SHORTEST_SECRET = 3
"""Characters; shorter parts of an address would take words out of a reason."""


def main() -> None:
    """Send what stdin says, to all receivers at the same time."""
    os.nice(_KINDNESS)
    # An answer is read whole by the library, whatever its size.
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    work = json.load(sys.stdin)
    heard = _Warnings()
    logger = logging.getLogger("apprise")
    logger.addHandler(heard)
    logger.propagate = False
    lock = threading.Lock()

    def tell(number: str, url: str) -> None:
        problem = _send(url, work["message"], heard)
        with lock:
            print(number, without_secrets(problem, url), flush=True)

    threads = [threading.Thread(target=tell, args=each) for each in work["urls"].items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _send(url: str, message: dict[str, Any], heard: _Warnings) -> str:
    """Send a message to one receiver; return what went wrong."""
    import apprise

    with Attempt() as attempt:  # of any of a hundred services
        service = apprise.Apprise.instantiate(url, suppress_exceptions=True)
        if service is None:
            return "Apprise does not understand its address"
        done = service.notify(
            title=message["title"],
            body=message["body"],
            notify_type=apprise.NotifyType(message["tone"]),
            body_format=apprise.NotifyFormat.TEXT,
        )
    if isinstance(attempt.error, MemoryError):
        return "its answer is too large"
    if attempt.error:
        return attempt.problem
    return "" if done else heard.last() or "it was refused"


class _Warnings(logging.Handler):
    """The last warning of each thread: Apprise says by them why something was not sent."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._said = threading.local()

    def emit(self, record: logging.LogRecord) -> None:
        """Keep what a service said."""
        self._said.text = record.getMessage()

    def last(self) -> str:
        """Return what this thread heard last."""
        return str(getattr(self._said, "text", ""))


def without_secrets(text: str, url: str) -> str:
    """Return a reason on one line without any part of the address that it came from."""
    _, _, rest = url.partition("://")
    parts = {each for each in re.split(r"[/:@?&=,+%\s]+", rest) if len(each) >= _SHORTEST_SECRET}
    for part in sorted(parts, key=len, reverse=True):
        text = text.replace(part, "***")
    return " ".join(text.split())


if __name__ == "__main__":
    main()
