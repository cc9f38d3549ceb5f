"""A cluster that is coming back is waited for, one that would be hurt anyway is not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import repeat
from pathlib import Path

import pytest

from chaos_runner.errors import ProbeError, RefusedError
from chaos_runner.measurements.cluster_snapshot import ClusterSnapshot
from chaos_runner.planning.plan import Plan
from chaos_runner.planning.wait_for_recovery import LOOK_EVERY, SETTLE_LIMIT, settled_by
from tests.unit.planning.test_planner import WHOLE, planned

ONE = "  - network_partition:\n    targets: {hosts: kafka-3}\n"
TWO = "  - network_partition:\n    targets: {group: kafka_broker, count: 2}\n"
RETURNING = replace(
    WHOLE,
    partitions=tuple(
        replace(each, in_sync=tuple(broker for broker in each.in_sync if broker != 2))
        for each in WHOLE.partitions
    ),
)
"""kafka-2 is back, and not in sync yet."""
MISSING = replace(
    WHOLE, brokers={number: each for number, each in WHOLE.brokers.items() if number != 3}
)
"""kafka-3, the target, is not back."""


class Clock:
    """A clock on which no time passes but what is slept."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def wait(
    plan: Plan, first: ClusterSnapshot | ProbeError, later: Iterator[ClusterSnapshot | ProbeError]
) -> tuple[Plan, float]:
    clock = Clock()
    return settled_by(plan, first, lambda: next(later), clock, clock.sleep), clock.now


@pytest.mark.parametrize("weak", [RETURNING, MISSING], ids=["not in sync", "missing"])
def test_a_broker_that_comes_back_is_waited_for(tmp_path: Path, weak: ClusterSnapshot) -> None:
    plan = planned(tmp_path, ONE, cluster=weak)
    with pytest.raises(RefusedError):
        plan.refuse_if_unsafe()
    found, waited = wait(plan, weak, iter([weak, WHOLE]))
    found.refuse_if_unsafe()
    assert waited == 2 * LOOK_EVERY


def test_one_that_does_not_come_back_refuses_in_the_end(tmp_path: Path) -> None:
    found, waited = wait(planned(tmp_path, ONE, cluster=RETURNING), RETURNING, repeat(RETURNING))
    assert waited >= SETTLE_LIMIT
    with pytest.raises(RefusedError, match="orders"):
        found.refuse_if_unsafe()


@pytest.mark.parametrize(
    ("faults", "cluster"),
    [
        (ONE, WHOLE),  # nothing to wait for
        (TWO, WHOLE),  # hurts others however well the cluster is
        (TWO, RETURNING),
        (ONE, ProbeError("no answer")),
    ],
)
def test_nothing_else_is_waited_for(
    tmp_path: Path, faults: str, cluster: ClusterSnapshot | ProbeError
) -> None:
    plan = planned(tmp_path, faults, cluster=cluster)
    found, waited = wait(plan, cluster, iter([]))
    assert (found, waited) == (plan, 0.0)
