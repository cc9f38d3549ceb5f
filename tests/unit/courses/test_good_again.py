"""Clients are well off again after ten good seconds in a row, by what was normal before."""

from __future__ import annotations

import pytest

from chaos_runner.analysis.good_again import UNFINISHED, good_again
from chaos_runner.measurements.model import Totals
from chaos_runner.measurements.series import Series
from tests.unit.analysis.seconds import START, run_of

BEFORE = "." * 5


@pytest.mark.parametrize(
    ("since_off", "back"),
    [
        ("..........", True),
        (".........", False),
        ("xxx..........", True),
        ("xxx.....x.........", False),
        (".....x..........", True),
        ("", False),
        ("..........xx", True),  # it was back; what comes later is judged for itself
    ],
)
def test_ten_good_seconds_in_a_row_have_passed(since_off: str, back: bool) -> None:
    series = Series(
        bucket.model_copy(update={"phase": "before" if bucket.second < 5 else "during"})
        for bucket in run_of(BEFORE + since_off)
    )
    end = START + len(BEFORE + since_off)
    assert good_again(series.totals("before"), series, START + 5, end + UNFINISHED) is back


def test_the_newest_seconds_are_not_judged_yet() -> None:
    series = Series(
        bucket.model_copy(update={"phase": "before" if bucket.second < 5 else "during"})
        for bucket in run_of(BEFORE + "." * 10)
    )
    assert not good_again(series.totals("before"), series, START + 5, START + 15)


def test_without_a_normal_nothing_is_known_to_be_good() -> None:
    assert not good_again(Totals(), Series(run_of("." * 30)), START, START + 40)
