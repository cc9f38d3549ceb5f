"""Who is told: the receivers of the user's own environment; no secret of theirs is shown."""

from __future__ import annotations

import pytest

from chaos_runner.errors import UsageError
from chaos_runner.notify.message import EVENTS
from chaos_runner.notify.receivers import VARIABLE, find_receivers

PRIVATE = "T0ken-of-ops"


def test_nobody_is_told_where_nothing_says_so() -> None:
    assert find_receivers({}) == find_receivers({VARIABLE: " "}) == ()


def test_the_environment_names_them_and_what_each_is_told_of() -> None:
    chat, mail, pager = find_receivers(
        {
            VARIABLE: f"slack://{PRIVATE}/b/c  mailtos://chaos:{PRIVATE}@mail.example.com",
            f"{VARIABLE}_SAFEGUARD": f"pagerduty://{PRIVATE}",
            f"{VARIABLE}_END": f"pagerduty://{PRIVATE}\nslack://{PRIVATE}/b/c",
        }
    )
    assert chat.url == f"slack://{PRIVATE}/b/c"
    assert chat.events == mail.events == EVENTS
    assert pager.events == ("safeguard", "end")
    assert [each.label for each in (chat, mail, pager)] == [
        "receiver 1 (slack)",
        "receiver 2 (mailtos)",
        "receiver 3 (pagerduty)",
    ]
    assert PRIVATE not in repr(chat)


@pytest.mark.parametrize(
    ("variable", "text", "words"),
    [
        (VARIABLE, f"json://a.example.com {PRIVATE}", f"{VARIABLE}: its address 2 has not"),
        (f"{VARIABLE}_ENDE", f"slack://{PRIVATE}", f"{VARIABLE}_ENDE: nothing reads such"),
        (
            VARIABLE,
            " ".join(f"slack://{PRIVATE}/{number}" for number in range(21)),
            "name 21 receivers",
        ),
    ],
)
def test_a_mistake_is_named_and_no_address_shown(variable: str, text: str, words: str) -> None:
    with pytest.raises(UsageError) as refused:
        find_receivers({variable: text})
    assert words in str(refused.value)
    assert PRIVATE not in str(refused.value)


def test_without_apprise_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chaos_runner.notify.receivers.find_spec", lambda _: None)
    with pytest.raises(UsageError, match=r"chaos-runner\[notify\]"):
        find_receivers({VARIABLE: "json://a.example.com"})
