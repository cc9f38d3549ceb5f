"""Which groups have members. The mock cluster keeps no list of groups, so answers are made up."""

from __future__ import annotations

from concurrent.futures import Future
from types import SimpleNamespace
from typing import Any, cast

import pytest
from confluent_kafka import ConsumerGroupState, KafkaError, KafkaException
from confluent_kafka.admin import AdminClient

from chaos_runner.kafka.consumer_groups.members import ASK_EVERY, Members

STABLE, EMPTY = ConsumerGroupState.STABLE, ConsumerGroupState.EMPTY


class Brokers:
    """A stand-in for the brokers: it holds every question until the test answers it."""

    def __init__(self) -> None:
        self.now = 0.0
        self.questions: list[Future[Any]] = []
        self.members = Members(cast("AdminClient", self), clock=lambda: self.now)

    def list_consumer_groups(self, request_timeout: float) -> Future[Any]:
        self.questions.append(Future())
        return self.questions[-1]

    def ask(self) -> None:
        self.now += ASK_EVERY
        self.members.ask()

    def answer(self, **groups: ConsumerGroupState) -> None:
        listed = [SimpleNamespace(group_id=name, state=state) for name, state in groups.items()]
        self.questions[-1].set_result(SimpleNamespace(valid=listed, errors=[]))


@pytest.fixture
def brokers() -> Brokers:
    return Brokers()


def test_a_group_has_members_until_somebody_says_otherwise(brokers: Brokers) -> None:
    brokers.ask()
    assert brokers.members.has_any("payments")
    brokers.answer(payments=EMPTY)
    brokers.ask()
    assert not brokers.members.has_any("payments")
    brokers.answer(payments=STABLE)
    brokers.ask()
    assert brokers.members.has_any("payments")


def test_a_group_that_is_not_listed_is_as_it_was(brokers: Brokers) -> None:
    brokers.ask()
    brokers.answer(payments=EMPTY)
    brokers.ask()
    brokers.answer(orders=STABLE)
    brokers.ask()
    assert not brokers.members.has_any("payments")


def test_a_question_without_an_answer_is_not_asked_twice(brokers: Brokers) -> None:
    for _ in range(3):
        brokers.ask()
    assert len(brokers.questions) == 1
    brokers.answer(payments=EMPTY)
    brokers.ask()
    assert len(brokers.questions) == 2


def test_it_asks_now_and_then(brokers: Brokers) -> None:
    brokers.ask()
    brokers.answer(payments=EMPTY)
    brokers.members.ask()
    assert len(brokers.questions) == 1
    assert not brokers.members.has_any("payments")


def test_a_refusal_changes_nothing_and_is_asked_again(brokers: Brokers) -> None:
    brokers.ask()
    brokers.answer(payments=EMPTY)
    brokers.ask()
    brokers.questions[-1].set_exception(KafkaException(KafkaError(KafkaError._TIMED_OUT)))
    brokers.ask()
    assert not brokers.members.has_any("payments")
    assert len(brokers.questions) == 3
