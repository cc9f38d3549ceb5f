"""The options of `clock_skew`: what is refused, and what reaches the role."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from chaos_runner.faults.impact import Harm, Machine
from chaos_runner.faults.kinds.host.clock_skew import ClockSkew


def skew(offset: object) -> ClockSkew:
    return ClockSkew.model_validate({"offset": offset})


@pytest.mark.parametrize(
    ("offset", "variable", "dumped"),
    [
        ("-5m", "-300000ms", "-5m"),
        ("90s", "90000ms", "1m30s"),
        ("+1.5s", "1500ms", "1.5s"),
        ("-8784h", "-31622400000ms", "-8784h"),
    ],
)
def test_offsets_of_either_sign(offset: str, variable: str, dumped: str) -> None:
    assert skew(offset).role_variables(list) == {"clock_skew_offset": variable}
    assert skew(offset).model_dump(mode="json") == {"offset": dumped}
    assert skew(dumped) == skew(offset)


def test_it_is_described() -> None:
    assert skew("-5m").describe() == "set the clock back by 5m"
    assert skew("90s").outcome() == "had its clock set forward by 1m30s"
    assert skew("90s").impact_on(Machine()).harm is Harm.DEGRADED


@pytest.mark.parametrize(
    "offset", ["0s", "-999ms", "8785h", "--5m", "- 5m", "-", "+", "", "5", -300, "-5m\n"]
)
def test_offsets_that_are_refused(offset: object) -> None:
    with pytest.raises(ValidationError):
        skew(offset)


def test_none_is_refused() -> None:
    with pytest.raises(ValidationError, match="offset"):
        ClockSkew.model_validate({})
