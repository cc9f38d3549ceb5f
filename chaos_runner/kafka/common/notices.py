"""Tell people what went wrong without telling it a thousand times."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from confluent_kafka import KafkaError

from chaos_runner.kafka.client_config.client_settings import ClientSettings
from chaos_runner.kafka.common.figures import without_figures
from chaos_runner.kafka.common.messages import NoticeLevel, NoticeMessage
from chaos_runner.shown import shown_line

EVERY_SECONDS = 10.0
"""One kind of notice is told at most this often; a broken connection is retried each second."""
MOST_KINDS = 100
"""Told within these seconds: a broker may find new words each time."""
_LONGEST_TEXT = 1000


class Notices:
    """Notices on their way out, with repetitions of the same kind held back."""

    def __init__(
        self,
        send: Callable[[NoticeMessage], None],
        settings: ClientSettings,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._send = send
        self._settings = settings
        self._clock = clock
        self._told: dict[str, float] = {}
        self._held_back: dict[str, int] = {}
        self._hushed = False
        self.last_error = ""
        """The newest error text of a client that says more than that all brokers are down, for
        messages that have to explain a silence."""
        self.login_refused = False
        """Whether a broker has refused the user or the password."""

    def tell(self, level: NoticeLevel, text: str, kind: str = "") -> None:
        """Tell a text, unless one of its kind (by default the same text) was told just now."""
        text = self._shown(text)
        kind = self._shown(kind) or text
        now = self._clock()
        if kind not in self._told and self._are_too_many(now):
            level, kind = "warning", "more kinds of notices than are told"
            text = f"{kind}: {MOST_KINDS} in {EVERY_SECONDS:g} s"
        if now - self._told.get(kind, -EVERY_SECONDS) < EVERY_SECONDS:
            self._held_back[kind] = self._held_back.get(kind, 0) + 1
            return
        self._told[kind] = now
        self._send(
            NoticeMessage(
                level=level,
                text=text,
                kind=without_figures(kind),
                held_back=self._held_back.pop(kind, 0),
            )
        )

    def _shown(self, text: str) -> str:
        # A secret is looked for before the text is cut: half of one is one, too.
        return shown_line(self._settings.hide_secrets(text))[:_LONGEST_TEXT]

    def _are_too_many(self, now: float) -> bool:
        """Tell whether no further kind is told now; those of earlier are forgotten."""
        if len(self._told) < MOST_KINDS:
            return False
        old = [kind for kind, told in list(self._told.items()) if now - told >= EVERY_SECONDS]
        for kind in old:
            self._told.pop(kind, None)
            self._held_back.pop(kind, None)
        return len(self._told) >= MOST_KINDS

    def hush_clients(self) -> None:
        """Tell no more of what clients say: the topic that they still read goes now."""
        self._hushed = True

    def on_client_error(self, client: str) -> Callable[[KafkaError], None]:
        """Return the `error_cb` of a client, named in what it tells."""

        def on_error(error: KafkaError) -> None:
            if self._hushed:
                return
            if error.code() != KafkaError._ALL_BROKERS_DOWN or not self.last_error:
                self.last_error = self._settings.hide_secrets(shown_line(error.str()))
            if error.code() == KafkaError._AUTHENTICATION:
                self.login_refused = True
            level: NoticeLevel = "error" if error.fatal() else "warning"
            self.tell(level, f"{client}: {error.str()}", f"{client} {error.name()}")

        return on_error


def silent_logger() -> logging.Logger:
    """Return the logger for librdkafka's own log lines, which say what the errors say.

    Without a logger they would be written raw to standard error.
    """
    logger = logging.getLogger("chaos_runner.kafka.librdkafka")
    logger.addHandler(logging.NullHandler())
    logger.propagate = False
    return logger
