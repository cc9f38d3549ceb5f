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
        kind = kind or text
        now = self._clock()
        if now - self._told.get(kind, -EVERY_SECONDS) < EVERY_SECONDS:
            self._held_back[kind] = self._held_back.get(kind, 0) + 1
            return
        self._told[kind] = now
        self._send(
            NoticeMessage(
                level=level,
                text=shown_line(self._settings.hide_secrets(text)),
                kind=without_figures(shown_line(self._settings.hide_secrets(kind))),
                held_back=self._held_back.pop(kind, 0),
            )
        )

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
