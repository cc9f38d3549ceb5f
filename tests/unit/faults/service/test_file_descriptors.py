"""The options of `file_descriptors`: what is refused, and what reaches the role."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from chaos_runner.faults.impact import Harm, Machine
from chaos_runner.faults.kinds.service.file_descriptors import FileDescriptors


def using(**options: object) -> FileDescriptors:
    return FileDescriptors.model_validate({"service": "kafka"} | options)


def test_both_options_reach_the_role() -> None:
    assert using(left=3).role_variables(list) == {
        "file_descriptors_service": "kafka",
        "file_descriptors_left": 3,
    }


def test_it_is_described() -> None:
    assert using().describe() == "use up the file descriptors of service kafka"
    assert using(left=3).outcome() == "had the file descriptors of kafka used up but for 3"


def test_a_broker_may_end_without_new_files() -> None:
    assert using().impact_on(Machine()).harm is Harm.UNAVAILABLE


@pytest.mark.parametrize("options", [{"service": "sshd"}, {"left": -1}, {"left": "3"}])
def test_options_that_are_refused(options: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        using(**options)
