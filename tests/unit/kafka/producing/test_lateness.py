"""When the probe says that its own machine is short of CPU."""

from __future__ import annotations

from chaos_runner.kafka.producing.lateness import WINDOW, Lateness, RecentLateness

MILLISECOND = 1_000_000


def told(*late: int, most: int = 80) -> list[str]:
    recent = RecentLateness()
    return [recent.add(Lateness(100, each, most * MILLISECOND * bool(each))) for each in late]


def test_one_hiccup_in_ten_seconds_spoils_nothing() -> None:
    hiccup = [0] * 12 + [10] + [0] * 12
    assert told(*hiccup) == [""] * len(hiccup)


def test_more_than_one_late_send_in_a_hundred_over_ten_seconds_is_told_while_it_is_so() -> None:
    said = told(*[0] * 12, 7, 4, *[0] * 12)
    assert [bool(each) for each in said] == [False] * 13 + [True] * 9 + [False] * 4
    assert said[13] == (
        "the probe's own machine is short of CPU: 11 of the last 1000 sends ran more than 50 ms "
        "late, the latest 80 ms"
    )


def test_nothing_is_told_before_ten_seconds_have_passed() -> None:
    said = told(*[50] * (WINDOW + 1))
    assert [bool(each) for each in said] == [False] * (WINDOW - 1) + [True] * 2
