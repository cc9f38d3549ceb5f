"""The options of `memory_stress`: what is refused, and what reaches the role."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from chaos_runner.faults.impact import Harm, Machine
from chaos_runner.faults.kinds.host.memory_stress import MemoryStress


def stress(**options: object) -> MemoryStress:
    return MemoryStress.model_validate(options)


def test_a_share_or_a_size_reaches_the_role() -> None:
    assert stress(share="80%").role_variables(list) == {
        "memory_stress_share": "80%",
        "memory_stress_size": 0,
    }
    assert stress(size="512MiB").role_variables(list) == {
        "memory_stress_share": "",
        "memory_stress_size": 512 * 1024**2,
    }


def test_it_is_described() -> None:
    assert stress(share="80%").describe() == "take 80% of the available memory"
    assert stress(size="2GiB").outcome() == "had 2GiB of memory taken"


def test_a_broker_is_slower_and_there() -> None:
    assert stress(share="80%").impact_on(Machine()).harm is Harm.DEGRADED


@pytest.mark.parametrize("options", [{}, {"share": "80%", "size": "1GiB"}])
def test_it_takes_one_of_both(options: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match="either `share` or `size`"):
        stress(**options)


@pytest.mark.parametrize(
    "options", [{"share": "96%"}, {"share": "0%"}, {"size": "1KiB"}, {"size": 4096}]
)
def test_options_that_are_refused(options: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        stress(**options)
