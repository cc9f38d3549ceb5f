"""Meet the cluster: find its brokers, and say clearly why that did not work."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from chaos_runner.errors import ProbeError, UsageError
from chaos_runner.kafka.client_config.client_settings import ClientSettings
from chaos_runner.kafka.cluster.connectivity import named_reasons, split_servers, unreachable
from chaos_runner.kafka.cluster.foreign_servers import strangers, words_on
from chaos_runner.kafka.cluster.metadata import require_credible
from chaos_runner.kafka.common.notices import Notices, silent_logger
from chaos_runner.shown import shown_line

Brokers = dict[int, str]
"""Broker id to the `host:port` that it advertises."""

STARTING_SECONDS = 10.0
"""How long a bootstrap server that is no broker yet may take to become one."""
_ASK_SECONDS = 2.0


@contextmanager
def secrets_hidden(settings: ClientSettings) -> Iterator[None]:
    """Replace the secrets in what is raised meanwhile: an address may be one."""
    try:
        yield
    except (ProbeError, UsageError) as error:
        raise type(error)(settings.hide_secrets(error.message), error.hint) from error


def admin_client(settings: ClientSettings, notices: Notices) -> AdminClient:
    """Return an admin client; raises UsageError with librdkafka's words for a bad property."""
    try:
        return AdminClient(
            {**settings.common, **settings.admin},
            error_cb=notices.on_client_error("metadata client"),
            logger=silent_logger(),
        )
    except KafkaException as error:
        raise bad_property(error, settings) from error


def bad_property(error: KafkaException, settings: ClientSettings) -> UsageError:
    """Return the error that tells which client property librdkafka refused, and where it is."""
    words, place = settings.as_written(words_of(error))
    return UsageError(
        (f"{place}: " if place else "")
        + f"a Kafka client property is refused: {settings.hide_secrets(words)}",
        "names and values are those of librdkafka's CONFIGURATION.md; "
        "docs/reference/kafka-clients.md lists which of Java's are translated",
    )


def words_of(error: KafkaException | BufferError) -> str:
    """Return librdkafka's text of an error on one line; a part of it may be a broker's."""
    detail = error.args[0] if error.args else error
    return shown_line(str(detail.str()) if hasattr(detail, "str") else str(detail))


def find_brokers(
    admin: AdminClient,
    settings: ClientSettings,
    notices: Notices,
    limit: float,
    check: Callable[[], None] = lambda: None,
) -> Brokers:
    """Return the live brokers, all reachable from here.

    Warns of bootstrap servers that are none of them, after a few seconds in which they may still
    be starting, and calls `check` now and then, which may raise to end the waiting. `limit` is
    for the first answer, in seconds. Raises ProbeError.
    """
    deadline = time.monotonic() + limit
    servers = split_servers(settings.common["bootstrap.servers"])
    brokers = _first_answer(admin, servers, notices, deadline, check)
    patience = min(time.monotonic() + STARTING_SECONDS, deadline)
    strange = strangers(servers, brokers)
    while strange and len(brokers) < len(servers) and time.monotonic() < patience:
        check()
        time.sleep(0.5)
        brokers = _ask(admin, _ASK_SECONDS) or brokers
        strange = strangers(servers, brokers)
    _require_reachable(brokers)
    if strange:
        notices.tell("warning", words_on(strange))
    return brokers


def _first_answer(
    admin: AdminClient,
    servers: list[str],
    notices: Notices,
    deadline: float,
    check: Callable[[], None],
) -> Brokers:
    while True:
        check()
        left = deadline - time.monotonic()
        brokers = _ask(admin, max(0.5, min(_ASK_SECONDS, left)))
        if brokers:
            return brokers
        admin.poll(0)
        if notices.login_refused:
            raise _no_login(notices.last_error)
        reasons = unreachable(servers)
        if len(reasons) == len(servers) or time.monotonic() >= deadline:
            raise _no_answer(servers, reasons, notices.last_error)


def _ask(admin: AdminClient, seconds: float) -> Brokers:
    try:
        metadata = admin.list_topics(timeout=seconds)
    except KafkaException:
        return {}
    require_credible(metadata)
    return {
        broker: f"{about.host}:{about.port}" for broker, about in sorted(metadata.brokers.items())
    }


def _no_login(last_error: str) -> ProbeError:
    # Said at once: a client goes on trying, and each try may bring an account nearer its lock.
    return ProbeError(
        f"the cluster refuses the login: {last_error}",
        "check sasl.mechanism, and sasl.username and sasl.password (the client id and the secret, "
        "for OAUTHBEARER), or where they refer to",
    )


def _no_answer(servers: list[str], reasons: dict[str, str], last_error: str) -> ProbeError:
    if len(reasons) == len(servers):
        return ProbeError(
            f"no Kafka bootstrap server can be reached from here ({named_reasons(reasons)})",
            "check the addresses (`kafka.bootstrap_servers` of the experiment; else those of the "
            "inventory), that the brokers run, and that this machine may reach them",
        )
    return ProbeError(
        f"{', '.join(servers)} accept connections but do not answer as Kafka brokers"
        + (f": {last_error}" if last_error else ""),
        "check security.protocol, the sasl.* and ssl.* client properties, and the port",
    )


def _require_reachable(brokers: Brokers) -> None:
    reasons = unreachable(brokers.values())
    if reasons:
        raise ProbeError(
            "the cluster advertises brokers that cannot be reached from here "
            f"({named_reasons(reasons)})",
            "check advertised.listeners on those brokers and name resolution on this machine",
        )
