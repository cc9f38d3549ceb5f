"""Read and write the dynamic configuration of brokers and topics, key by key."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._config import (
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    ConfigSource,
)
from confluent_kafka.admin._resource import ResourceType

from chaos_runner.kafka.admin_faults.restoring import Place

ANSWER_LIMIT = 10.0
"""Seconds for one answer."""
APPLY_LIMIT = 20.0
"""Seconds until the brokers have taken over a configuration that the controller has accepted."""
BATCH = 200
"""Topics a request; it has to fit into a broker's limit."""
_LOOK_EVERY = 0.25

_OWN = {ConfigSource.DYNAMIC_BROKER_CONFIG, ConfigSource.DYNAMIC_TOPIC_CONFIG}
_TYPES = {"broker": ResourceType.BROKER, "topic": ResourceType.TOPIC}
_GONE = KafkaError.UNKNOWN_TOPIC_OR_PART


def own_values(admin: AdminClient, places: Iterable[Place]) -> dict[Place, str | None]:
    """Return what is set at each place itself, None where nothing is: no default counts.

    A topic that is no longer there is left out. Raises KafkaException where something is not told.
    """
    wanted = set(places)
    found: dict[Place, str | None] = {}
    for batch in _requests(wanted):
        answers = admin.describe_configs(
            [ConfigResource(_TYPES[kind], name) for kind, name in batch],
            request_timeout=ANSWER_LIMIT,
        )
        for (kind, name), entries in _by_name(batch, answers):
            for key in (key for *where, key in wanted if where == [kind, name]):
                entry = entries.get(key)
                set_here = entry is not None and ConfigSource(entry.source) in _OWN
                found[kind, name, key] = entry.value if entry and set_here else None
    return found


def set_values(admin: AdminClient, values: dict[Place, str | None]) -> None:
    """Set each place, or delete what is set there where the value is None.

    A topic that is no longer there is passed over. Raises KafkaException.
    """
    for batch in _requests(values):
        resources = [
            ConfigResource(
                _TYPES[kind],
                name,
                incremental_configs=[
                    _operation(key, value)
                    for (*where, key), value in values.items()
                    if where == [kind, name]
                ],
            )
            for kind, name in batch
        ]
        answers = admin.incremental_alter_configs(resources, request_timeout=ANSWER_LIMIT)
        for _ in _by_name(batch, answers):
            pass


def await_values(
    admin: AdminClient,
    values: dict[Place, str | None],
    limit: float = APPLY_LIMIT,
    clock: Callable[[], float] = time.monotonic,
) -> dict[Place, str | None]:
    """Wait until the brokers report these values; return the places that still differ, with theirs.

    Raises KafkaException.
    """
    deadline = clock() + limit
    while True:
        reported = own_values(admin, values)
        differing = {place: each for place, each in reported.items() if each != values[place]}
        if not differing or clock() >= deadline:
            return differing
        time.sleep(_LOOK_EVERY)


def _operation(key: str, value: str | None) -> ConfigEntry:
    operation = AlterConfigOpType.DELETE if value is None else AlterConfigOpType.SET
    return ConfigEntry(key, value, incremental_operation=operation)


def _requests(places: Iterable[Place]) -> Iterator[Sequence[tuple[str, str]]]:
    """Yield what goes into one request: many topics, or one broker, which is asked itself."""
    resources = sorted({(kind, name) for kind, name, _ in places})
    topics = [each for each in resources if each[0] == "topic"]
    for start in range(0, len(topics), BATCH):
        yield topics[start : start + BATCH]
    yield from ([each] for each in resources if each[0] == "broker")


def _by_name(
    batch: Sequence[tuple[str, str]], answers: dict[ConfigResource, Future[dict[str, ConfigEntry]]]
) -> Iterator[tuple[tuple[str, str], dict[str, ConfigEntry]]]:
    """Yield the answers, those of topics that are gone left out."""
    by_name = {resource.name: answer for resource, answer in answers.items()}
    for kind, name in batch:
        try:
            yield (kind, name), by_name[name].result(ANSWER_LIMIT * 2) or {}
        except KafkaException as error:
            if kind != "topic" or error.args[0].code() != _GONE:
                raise
