from __future__ import annotations

from chaos_runner.kafka.client_settings import client_settings
from chaos_runner.kafka.messages import NoticeMessage
from chaos_runner.kafka.notices import Notices


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
    assert [notice.text for notice in told] == [
        "attempt 0 failed",
        "another thing",
        "attempt 10 failed (and 9 more of this kind)",
    ]
    assert [notice.level for notice in told] == ["warning", "error", "warning"]


def test_secrets_never_reach_a_notice() -> None:
    told: list[NoticeMessage] = []
    user = {"sasl.password": "hunter2", "sasl.mechanism": "PLAIN"}
    Notices(told.append, client_settings("one", user)).tell("error", "bad password hunter2")
    assert told[0].text == "bad password ***"
