"""The options of `io_stress`: what is refused, what reaches the role, what it does to a broker."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from chaos_runner.faults.impact import Harm, Machine
from chaos_runner.faults.kinds.host.io_stress import IoStress


def stress(**options: object) -> IoStress:
    return IoStress.model_validate({"path": "/var/lib/kafka"} | options)


def test_every_option_reaches_the_role() -> None:
    options = {"access": "read", "workers": 2, "block": "4KiB", "size": "16MiB"}
    assert stress(**options).role_variables(list) == {
        "io_stress_path": "/var/lib/kafka",
        "io_stress_access": "read",
        "io_stress_workers": 2,
        "io_stress_block": 4096,
        "io_stress_size": 16777216,
    }


def test_it_is_described() -> None:
    assert stress().describe() == "write to the disk of /var/lib/kafka by 4 workers"
    one = stress(access="read", workers=1)
    assert one.describe() == "read from the disk of /var/lib/kafka by 1 worker"
    assert one.outcome() == "had the disk of /var/lib/kafka busy by 1 worker"


def test_a_broker_is_slower_and_there() -> None:
    assert stress().impact_on(Machine()).harm is Harm.DEGRADED


@pytest.mark.parametrize(
    "options",
    [
        {"path": "data"},
        {"access": "both"},
        {"workers": 0},
        {"workers": 65},
        {"block": "1KiB"},
        {"block": "17MiB"},
        {"size": "1MiB"},
    ],
)
def test_options_that_are_refused(options: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        stress(**options)
