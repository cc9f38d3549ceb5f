"""The options of `cpu_stress`: what is refused, what reaches the role, what it does to a broker."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from chaos_runner.faults.impact import Harm, Machine
from chaos_runner.faults.kinds.host.cpu_stress import CpuStress


def stress(**options: object) -> CpuStress:
    return CpuStress.model_validate(options)


def test_every_option_reaches_the_role() -> None:
    assert stress(workers=3, load="12.5%", weight=1000).role_variables(list) == {
        "cpu_stress_workers": 3,
        "cpu_stress_load": "12.5%",
        "cpu_stress_weight": 1000,
    }


def test_without_options_the_host_chooses_the_workers() -> None:
    assert stress().role_variables(list) == {
        "cpu_stress_workers": 0,
        "cpu_stress_load": "100%",
        "cpu_stress_weight": 100,
    }


def test_it_is_described() -> None:
    assert stress().describe() == "load every CPU to 100%"
    assert stress(workers=1, load="50%").describe() == "load 1 CPU to 50%"
    assert stress(workers=4).outcome() == "had 4 CPUs loaded to 100%"


def test_a_broker_is_slower_and_there() -> None:
    assert stress().impact_on(Machine()).harm is Harm.DEGRADED


@pytest.mark.parametrize(
    "options",
    [
        {"workers": 0},
        {"workers": 5000},
        {"workers": "2"},
        {"load": "0.5%"},
        {"load": "101%"},
        {"load": 50},
        {"weight": 0},
        {"weight": 10001},
    ],
)
def test_options_that_are_refused(options: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        stress(**options)
