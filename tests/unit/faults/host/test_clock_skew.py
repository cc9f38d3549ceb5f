"""The options of `clock_skew`: what is refused, and what reaches the role."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from chaos_runner.faults.impact import Harm, Machine
from chaos_runner.faults.kinds.host.clock_skew import ClockSkew
from chaos_runner.fleet.commands import render_fault_script


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
    assert skew(offset).role_variables(list) == {
        "clock_skew_offset": variable,
        "clock_skew_drift": "",
    }
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
    with pytest.raises(ValidationError, match="give an `offset`"):
        ClockSkew.model_validate({})


def test_a_drift() -> None:
    slow = ClockSkew.model_validate({"drift": "-1500ms"})
    assert slow.role_variables(list) == {"clock_skew_offset": "", "clock_skew_drift": "-1500ms"}
    assert slow.describe() == "let the clock lose 1.5s a minute"
    both = ClockSkew.model_validate({"offset": "-5m", "drift": "2s"})
    assert both.describe() == "set the clock back by 5m and let the clock gain 2s a minute"
    assert both.outcome() == "had its clock set back by 5m and had its clock gaining 2s a minute"


@pytest.mark.parametrize("drift", ["0s", "999ms", "31s", "-30001ms", 2])
def test_drifts_that_are_refused(drift: object) -> None:
    with pytest.raises(ValidationError):
        ClockSkew.model_validate({"drift": drift})


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({}, "neither to be set nor to drift"),
        ({"drift": "31s"}, "not one of 1s to 30s"),
        ({"drift": "-500ms"}, "not one of 1s to 30s"),
    ],
)
def test_the_role_alone_refuses_what_cannot_be(options: dict[str, object], why: str) -> None:
    variables = {f"clock_skew_{name}": value for name, value in options.items()}
    assert why in render_fault_script("clock_skew", variables)
