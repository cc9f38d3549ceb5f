"""Messages of a run, sent aside: nothing waits for them but the end, and that not for long."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial
from threading import Lock

from chaos_runner.closing import Closing
from chaos_runner.notify.message import Message
from chaos_runner.notify.receivers import Receiver
from chaos_runner.notify.sending import LIMIT, send
from chaos_runner.threads.background import Background

PATIENCE = LIMIT + 2.0
"""Seconds that the end waits for messages that are on their way."""


class Notifier(Closing):
    """A sender of messages, each in a thread of its own; a receiver's failure is reported once."""

    def __init__(self, receivers: Sequence[Receiver], report: Callable[[str], None]) -> None:
        self._receivers = receivers
        self._report = report
        self._lock = Lock()
        self._reported: set[str] = set()
        self._threads: list[Background] = []

    def tell(self, message: Message) -> None:
        """Begin to send a message, and return at once."""
        if not self._receivers:
            return
        thread = Background("notify", partial(self._send, message))
        self._threads.append(thread)
        thread.start()

    def close(self) -> None:
        """Wait for what is on its way, so long and no longer."""
        deadline = time.monotonic() + PATIENCE
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    def _send(self, message: Message) -> None:
        for each in send(message, self._receivers, LIMIT):
            if each.problem and self._is_first(each.receiver):
                self._report(f"{each.receiver} was not told: {each.problem}")

    def _is_first(self, receiver: str) -> bool:
        with self._lock:
            first = receiver not in self._reported
            self._reported.add(receiver)
        return first
