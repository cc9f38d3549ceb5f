"""The options of `disk_fill`: what is refused, what reaches the role, what it does to a broker."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from chaos_runner.faults.impact import Harm, Machine
from chaos_runner.faults.kinds.host.disk_fill import DiskFill


def fill(**options: object) -> DiskFill:
    return DiskFill.model_validate({"path": "/var/lib/kafka"} | options)


def test_both_options_reach_the_role() -> None:
    assert fill(level="98.5%").role_variables(list) == {
        "disk_fill_path": "/var/lib/kafka",
        "disk_fill_level": "98.5%",
    }


def test_it_is_described() -> None:
    assert fill().describe() == "fill /var/lib/kafka to 95%"
    assert fill().outcome() == "had /var/lib/kafka filled to 95%"
    assert fill().occupied() == "room of /var/lib/kafka"


def test_without_a_path_it_is_where_kafka_keeps_its_log() -> None:
    assert DiskFill().role_variables(list)["disk_fill_path"] == ""
    assert DiskFill().describe() == "fill Kafka's log directory to 95%"
    assert DiskFill().occupied() == "room of Kafka's log directory"


def test_a_broker_counts_as_unavailable_only_where_the_disk_is_full() -> None:
    assert fill(level="99%").impact_on(Machine()).harm is Harm.DEGRADED
    assert fill(level="100%").impact_on(Machine()).harm is Harm.UNAVAILABLE


@pytest.mark.parametrize("path", ["/", "/data", "/var/lib/kafka-1/.hidden", "/a/..b", "/mnt/a@b:c"])
def test_paths(path: str) -> None:
    assert fill(path=path).path == path


@pytest.mark.parametrize(
    "path",
    [
        "",
        "data",
        "/data/",
        "/a//b",
        "/a/../b",
        "/a/.",
        "/a b",
        "/a'b",
        "/a\n",
        "/a$b",
        "/" + 255 * "a",
    ],
)
def test_what_is_no_plain_absolute_path_is_refused(path: str) -> None:
    with pytest.raises(ValidationError, match=r"allowed is an? (absolute )?path|at most 255"):
        fill(path=path)


@pytest.mark.parametrize("level", ["0%", "0.9%", "101%", "95", 95])
def test_levels_that_are_refused(level: object) -> None:
    with pytest.raises(ValidationError):
        fill(level=level)
