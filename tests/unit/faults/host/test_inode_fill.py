"""The options of `inode_fill`: what is refused, what reaches the role, what it does to a broker."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from chaos_runner.faults.impact import Harm, Machine
from chaos_runner.faults.kinds.host.inode_fill import InodeFill


def fill(**options: object) -> InodeFill:
    return InodeFill.model_validate({"path": "/var/lib/kafka"} | options)


def test_both_options_reach_the_role() -> None:
    assert fill(left=10).role_variables(list) == {
        "inode_fill_path": "/var/lib/kafka",
        "inode_fill_left": 10,
    }


def test_it_is_described() -> None:
    assert fill().describe() == "use up all inodes of /var/lib/kafka"
    assert fill(left=5).outcome() == "had all inodes but 5 of /var/lib/kafka used up"
    assert fill().occupied() == "inodes of /var/lib/kafka"


def test_a_broker_may_end_without_new_files() -> None:
    assert fill().impact_on(Machine()).harm is Harm.UNAVAILABLE


@pytest.mark.parametrize(
    "options", [{"path": "data"}, {"path": "/a/../b"}, {"left": -1}, {"left": "5"}, {"left": 10**7}]
)
def test_options_that_are_refused(options: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        fill(**options)
