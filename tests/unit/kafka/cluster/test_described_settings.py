"""Settings that explain faults: only the telling ones, and none where they may not be read."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass
from typing import cast

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._config import ConfigResource

from chaos_runner.kafka.cluster.described_settings import TELLING, broker_settings, topic_settings
from chaos_runner.kafka.cluster.min_isr import describe_min_isr


@dataclass
class Entry:
    """One setting as the admin client returns it."""

    value: str | None


class Admin:
    """An admin client that knows the settings of some resources, and may not see the others."""

    def __init__(self, known: dict[str, dict[str, str | None]]) -> None:
        self._known = known
        self.limits: list[float] = []

    def describe_configs(
        self, resources: list[ConfigResource], request_timeout: float
    ) -> dict[ConfigResource, Future[dict[str, Entry]]]:
        self.limits.append(request_timeout)
        answers = {}
        for resource in resources:
            answer: Future[dict[str, Entry]] = Future()
            if resource.name in self._known:
                own = self._known[resource.name]
                answer.set_result({name: Entry(value) for name, value in own.items()})
            else:
                denied = KafkaError(KafkaError.TOPIC_AUTHORIZATION_FAILED)
                answer.set_exception(KafkaException(denied))
            answers[resource] = answer
        return answers


def admin(known: dict[str, dict[str, str | None]]) -> AdminClient:
    return cast(AdminClient, Admin(known))


def test_only_what_is_asked_for_is_returned() -> None:
    known: dict[str, dict[str, str | None]] = {
        "a": {"min.insync.replicas": "2", "ssl.key.password": "secret", "retention.ms": None}
    }
    found = topic_settings(admin(known), ["a", "hidden"], TELLING, 5.0)
    assert found == {"a": {"min.insync.replicas": "2"}}


def test_no_topic_is_no_request() -> None:
    asked = Admin({})
    assert topic_settings(cast(AdminClient, asked), [], TELLING, 5.0) == {}
    assert asked.limits == []


def test_a_broker_that_may_not_be_read_has_no_settings() -> None:
    known: dict[str, dict[str, str | None]] = {
        "7": {"broker.session.timeout.ms": "9000", "sasl.jaas.config": "secret"}
    }
    assert broker_settings(admin(known), 7, 5.0) == {"broker.session.timeout.ms": "9000"}
    assert broker_settings(admin(known), 8, 5.0) == {}


def test_min_isr_is_a_number_and_unknown_where_it_is_hidden() -> None:
    known: dict[str, dict[str, str | None]] = {"a": {"min.insync.replicas": "2"}, "b": {}}
    assert describe_min_isr(admin(known), ["a", "b", "c"], 5.0) == {"a": 2}
