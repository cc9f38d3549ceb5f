"""A year of schedule, simulated: windows and limits are kept, clocks change, the seed decides."""

from __future__ import annotations

import math
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from chaos_runner.experiment.clock import WEEKDAYS, minutes_of
from chaos_runner.schedule.history import History, PastRun
from tests.unit.schedule.made_schedules import YEAR, all_of, local, made

WEEK = "title: t\ntime_zone: Europe/Zurich\nexperiments: [{experiment: a.yml, %s}]\n%s"


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    seed=some.integers(0, 10**18 - 1),
    zone=some.sampled_from(["UTC", "Europe/Zurich", "America/New_York", "Australia/Lord_Howe"]),
    weekdays=some.lists(some.sampled_from(WEEKDAYS), min_size=1, unique=True),
    hours=some.lists(
        some.tuples(some.integers(0, 90), some.integers(5, 30)).map(
            lambda span: (span[0] * 15, min(1440, (span[0] + span[1]) * 15))
        ),
        min_size=1,
        max_size=3,
    ),
    rhythm=some.sampled_from(
        ["at_random: {mean: 6h}", 'cron: "*/7 * * * *"', 'cron: "30 2 * * *"']
    ),
    per_day=some.integers(1, 4),
    rest=some.integers(0, 300),
)
def test_nothing_comes_outside_a_window_and_every_limit_is_kept(
    tmp_path: Path,
    seed: int,
    zone: str,
    weekdays: list[str],
    hours: list[tuple[int, int]],
    rhythm: str,
    per_day: int,
    rest: int,
) -> None:
    written = [f"{a // 60:02}:{a % 60:02}-{b // 60:02}:{b % 60:02}" for a, b in hours]
    loaded = made(
        tmp_path,
        f"title: t\ntime_zone: {zone}\nseed: {seed}\n"
        f"experiments: [{{experiment: a.yml, {rhythm}}}, {{experiment: b.yml, {rhythm}}}]\n"
        f"windows: {{weekdays: {weekdays}, hours: {written}}}\n"
        f"limits: {{per_day: {per_day}, least_between: {rest}m}}\n".replace("'", '"'),
        "a",
        "b",
    )
    until = YEAR[0] + timedelta(days=90)
    kept = [each for each in all_of(loaded, until=until) if not each.left_out]
    takes = timedelta(seconds=loaded.experiments[0].seconds)
    for each in kept:
        for moment in (each.due, each.due + takes - timedelta(seconds=1)):
            there = moment.astimezone(loaded.zone)
            minute = there.hour * 60 + there.minute
            assert WEEKDAYS[there.weekday()] in weekdays
            assert any(first <= minute < end for first, end in map(minutes_of, written))
    per_local_day = Counter(each.due.astimezone(loaded.zone).date() for each in kept)
    assert max(per_local_day.values(), default=0) <= per_day
    for before, after in pairwise(kept):
        assert after.due - before.due >= takes + timedelta(minutes=rest)


def test_it_is_the_same_for_the_same_seed_from_wherever_one_begins_to_look(tmp_path: Path) -> None:
    text = WEEK % (
        "at_random: {mean: 8h}",
        "seed: 5\nwindows: {hours: ['00:30-03:30', '09:00-17:00']}\n",
    )
    loaded = made(tmp_path, text, "a")
    times = [each.due for each in all_of(loaded)]
    assert times == [each.due for each in all_of(loaded)]
    for begin in times[::211]:
        assert [each.due for each in all_of(loaded, begin=begin)] == times[times.index(begin) :]
    other = made(tmp_path, text.replace("seed: 5", "seed: 6"), "a")
    assert [each.due for each in all_of(other)] != times


@pytest.mark.parametrize("mean", ["12h", "3d"])
def test_the_mean_time_between_is_as_asked(tmp_path: Path, mean: str) -> None:
    """The count of 20 years is that of a Poisson process: within 3.9 of its deviations."""
    loaded = made(
        tmp_path,
        WEEK
        % (
            f"at_random: {{mean: {mean}}}",
            "windows: {weekdays: [mon, thu], hours: ['09:00-12:00']}\n",
        ),
        "a",
    )
    begin, until = datetime(2026, 1, 5, tzinfo=UTC), datetime(2046, 1, 1, tzinfo=UTC)
    due = [each.due for each in all_of(loaded, begin, until)]
    asked = loaded.experiments[0].mean or 0
    expected = (until - begin).total_seconds() / asked
    assert abs(len(due) - expected) < 3.9 * math.sqrt(expected)


def test_times_at_random_are_exponentially_apart_where_it_is_always_open(tmp_path: Path) -> None:
    """Kolmogorov and Smirnov: the largest distance from the asked distribution, at 1 in 10,000."""
    loaded = made(tmp_path, WEEK % ("at_random: {mean: 12h}", ""), "a")
    due = [each.due for each in all_of(loaded, until=YEAR[0] + timedelta(days=3650))]
    gaps = sorted((after - before).total_seconds() / 43_200 for before, after in pairwise(due))
    count = len(gaps)
    assert count > 6000
    distance = max(
        max(abs(1 - math.exp(-gap) - rank / count), abs(1 - math.exp(-gap) - (rank + 1) / count))
        for rank, gap in enumerate(gaps)
    )
    assert distance < 2.23 / math.sqrt(count)


def test_a_year_of_many_experiments_takes_seconds(tmp_path: Path) -> None:
    names = [f"e{number}" for number in range(20)]
    entries = ", ".join(f"{{experiment: {name}.yml, at_random: {{mean: 1d}}}}" for name in names)
    loaded = made(
        tmp_path,
        f"title: t\ntime_zone: Europe/Zurich\nexperiments: [{entries}]\n"
        "windows: {weekdays: [mon, tue, wed, thu, fri], hours: ['08:00-17:00'],"
        " holidays: [{country: CH}]}\n",
        *names,
    )
    began = time.process_time()
    found = all_of(loaded)
    assert len(found) > 5000
    assert time.process_time() - began < 30  # measured: under 2 s


class TestClockChanges:
    """Zurich in 2027: on March 28 there is no 02:30, on October 31 there are two."""

    def test_a_time_that_does_not_exist_comes_right_after_the_change(self, tmp_path: Path) -> None:
        loaded = made(tmp_path, WEEK % ('cron: "30 2 * * *"', ""), "a")
        found = all_of(loaded, datetime(2027, 3, 27, tzinfo=UTC), datetime(2027, 3, 30, tzinfo=UTC))
        assert local(loaded, found) == ["03-27 02:30+0100", "03-28 03:00+0200", "03-29 02:30+0200"]

    def test_a_time_that_comes_twice_comes_once(self, tmp_path: Path) -> None:
        loaded = made(tmp_path, WEEK % ('cron: "30 2 * * *"', ""), "a")
        found = all_of(
            loaded, datetime(2027, 10, 30, tzinfo=UTC), datetime(2027, 11, 2, tzinfo=UTC)
        )
        assert local(loaded, found) == ["10-30 02:30+0200", "10-31 02:30+0200", "11-01 02:30+0100"]
        # Begun between the two, the second is not taken for another one.
        again = all_of(
            loaded, datetime(2027, 10, 31, 0, 45, tzinfo=UTC), datetime(2027, 11, 1, tzinfo=UTC)
        )
        assert local(loaded, again) == []

    def test_every_half_hour_goes_on_through_the_hour_that_comes_twice(
        self, tmp_path: Path
    ) -> None:
        loaded = made(tmp_path, WEEK % ('cron: "*/30 * * * *"', ""), "a")
        found = all_of(
            loaded, datetime(2027, 10, 31, 0, tzinfo=UTC), datetime(2027, 10, 31, 3, tzinfo=UTC)
        )
        assert [each.due.minute for each in found] == [0, 30] * 3

    def test_hours_of_a_window_are_those_of_the_wall_clock(self, tmp_path: Path) -> None:
        loaded = made(
            tmp_path, WEEK % ("at_random: {mean: 1h}", "windows: {hours: ['09:00-10:00']}\n"), "a"
        )
        found = all_of(loaded, datetime(2027, 3, 22, tzinfo=UTC), datetime(2027, 4, 5, tzinfo=UTC))
        hours = {each.due.astimezone(loaded.zone).hour for each in found}
        assert hours == {9}
        assert {each.due.hour for each in found} == {8, 7}

    def test_a_leap_day_is_a_day(self, tmp_path: Path) -> None:
        loaded = made(tmp_path, WEEK % ('cron: "0 9 29 2 *"', ""), "a")
        found = all_of(loaded, until=datetime(2033, 1, 1, tzinfo=UTC))
        assert [each.due.year for each in found] == [2028, 2032]
        daily = made(tmp_path, WEEK % ('cron: "0 9 * * *"', ""), "a")
        leap = all_of(daily, datetime(2028, 1, 1, tzinfo=UTC), datetime(2029, 1, 1, tzinfo=UTC))
        assert len(leap) == 366


class TestLeftOut:
    """Each reason is told, at the time that it keeps away."""

    @pytest.mark.parametrize(
        ("more", "day", "why"),
        [
            ("windows: {holidays: [{country: CH, subdivision: ZH}]}\n", "05-17", "Pentecost"),
            ("windows: {weekdays: [tue]}\n", "05-17", "outside the hours"),
            (
                "windows: {freezes:\n"
                "  [{first_day: 2027-05-16, last_day: 2027-05-17, reason: audit}]}\n",
                "05-17",
                "frozen: audit",
            ),
            (
                "opt_outs: [{group: kafka_broker, reason: moves, last_day: 2027-05-17}]\n",
                "05-17",
                "moves",
            ),
        ],
    )
    def test_of_a_day(self, tmp_path: Path, more: str, day: str, why: str) -> None:
        loaded = made(tmp_path, WEEK % ('cron: "0 9 * * *"', more), "a")
        found = {f"{each.due:%m-%d}": each.left_out for each in all_of(loaded)}
        assert why in found[day]
        assert found["05-18"] == ""

    def test_an_experiment_that_is_held_and_a_budget_that_is_spent(self, tmp_path: Path) -> None:
        loaded = made(
            tmp_path, WEEK % ('cron: "0 9 * * *"', "budget: {outage_per_week: 1m}\n"), "a"
        )
        begin = datetime(2027, 6, 1, tzinfo=UTC)
        spent = PastRun("a", begin - timedelta(days=2), begin - timedelta(days=2), outage=61.0)
        found = all_of(loaded, begin, begin + timedelta(days=9), History((spent,)))
        assert [bool(each.left_out) for each in found] == [True] * 5 + [False] * 4
        assert "outages of 1m1s; the budget is 1m" in found[0].left_out
        held = all_of(loaded, begin, begin + timedelta(days=2), History(held={"a": "it deviated"}))
        assert [each.left_out for each in held] == ["it deviated", "it deviated"]

    def test_a_group_and_a_host_have_their_share_of_a_day(self, tmp_path: Path) -> None:
        text = (
            "title: t\nexperiments: [{experiment: a.yml, cron: '0 9 * * *'},"
            " {experiment: b.yml, cron: '0 15 * * *'}]\nlimits: {per_%s: 1}\n"
        )
        until = YEAR[0] + timedelta(days=1)
        grouped = made(tmp_path, text % "group", "a", "b")
        assert "group kafka_broker" in all_of(grouped, until=until)[1].left_out
        hosted = made(tmp_path, text % "host", "a", "b", targets='hosts: "k1,k2"')
        assert "host k1" in all_of(hosted, until=until)[1].left_out
        ran = PastRun("x", YEAR[0], YEAR[0] + timedelta(hours=1), hosts=frozenset({"k2"}))
        assert "host k2" in all_of(hosted, until=until, history=History((ran,)))[0].left_out
