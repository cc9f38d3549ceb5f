"""The options of `log_flood`: what is refused, what reaches the role, what it does to a broker."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from chaos_runner.experiment.models import FaultEntry
from chaos_runner.faults.impact import Harm, Machine
from chaos_runner.faults.kinds.host.log_flood import LogFlood


def flood(**options: object) -> LogFlood:
    return LogFlood.model_validate(options)


def test_every_option_reaches_the_role() -> None:
    options = {"file": "/var/log/app/flood", "lines": 50, "length": "1KiB", "most": "2MiB"}
    assert flood(**options).role_variables(list) == {
        "log_flood_file": "/var/log/app/flood",
        "log_flood_lines": 50,
        "log_flood_length": 1024,
        "log_flood_most": 2097152,
    }


def test_without_a_file_it_is_the_journal() -> None:
    assert flood().role_variables(list)["log_flood_file"] == ""
    assert flood().describe() == "write 1000 lines of 256B a second into the journal"
    assert flood().outcome() == "had 1000 lines of 256B a second written into the journal"
    assert flood().occupied() == "log journal"
    assert flood(file="/a/b").describe().endswith(" into /a/b")


def test_a_broker_is_slower_and_there() -> None:
    assert flood().impact_on(Machine()).harm is Harm.DEGRADED


@pytest.mark.parametrize(
    "options",
    [
        {"file": "flood"},
        {"lines": 0},
        {"lines": 200_001},
        {"length": "63B"},
        {"length": "33KiB"},
        {"most": "1KiB"},
    ],
)
def test_options_that_are_refused(options: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        flood(**options)


def test_a_flood_that_is_over_before_its_time_is_refused() -> None:
    options = {"lines": 1000, "length": "1KiB", "most": "64MiB"}
    assert flood(**options).lasts() == 65.536
    entry = {"log_flood": options, "duration": "65s"}
    assert FaultEntry.model_validate(entry).duration.most == 65
    with pytest.raises(ValidationError, match="log_flood is over by itself after 1m5s"):
        FaultEntry.model_validate(entry | {"duration": "66s"})
