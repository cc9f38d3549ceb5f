from __future__ import annotations

from confluent_kafka import KafkaError

from chaos_runner.kafka.client_config.client_settings import client_settings
from chaos_runner.kafka.common.messages import NoticeMessage
from chaos_runner.kafka.common.notices import Notices


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_kind_is_told_once_in_ten_seconds_and_then_with_what_was_held_back() -> None:
    told: list[NoticeMessage] = []
    clock = Clock()
    notices = Notices(told.append, client_settings("one", {}), clock)
    for second in range(10):
        clock.now = second
        notices.tell("warning", f"attempt {second} failed", "connection")
    notices.tell("error", "another thing")
    clock.now = 10.0
    notices.tell("warning", "attempt 10 failed", "connection")
    assert [(notice.text, notice.held_back, notice.kind) for notice in told] == [
        ("attempt 0 failed", 0, "connection"),
        ("another thing", 0, "another thing"),
        ("attempt 10 failed", 9, "connection"),
    ]
    assert [notice.level for notice in told] == ["warning", "error", "warning"]


def test_secrets_never_reach_a_notice() -> None:
    told: list[NoticeMessage] = []
    user = {"sasl.password": "hunter2", "sasl.mechanism": "PLAIN"}
    Notices(told.append, client_settings("one", user)).tell("error", "bad password hunter2")
    assert told[0].text == "bad password ***"


def test_what_clients_say_once_their_topic_goes_is_no_news() -> None:
    told: list[NoticeMessage] = []
    notices = Notices(told.append, client_settings("one", {}))
    on_error = notices.on_client_error("reader")
    on_error(KafkaError(KafkaError._TRANSPORT))
    notices.hush_clients()
    on_error(KafkaError(KafkaError.UNKNOWN_TOPIC_OR_PART))
    notices.tell("warning", "the topic could not be deleted")
    texts = [notice.text for notice in told]
    assert len(texts) == 2
    assert (texts[0].startswith("reader: "), texts[1]) == (True, "the topic could not be deleted")
