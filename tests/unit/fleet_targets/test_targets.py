"""Choosing targets: the same seed, the same hosts; the rest is the control."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaos_runner.errors import InvalidInventoryError
from chaos_runner.experiment.targets import Targets
from chaos_runner.fleet.targets import EXCLUDED, INCAPABLE, select_targets

HOSTS = st.lists(
    st.integers(min_value=0, max_value=99).map(lambda number: f"kafka-{number}"),
    min_size=1,
    max_size=20,
    unique=True,
)
SEEDS = st.integers(min_value=0, max_value=2**32)


def targets(**values: object) -> Targets:
    return Targets.model_validate({"group": "kafka_broker", **values})


@given(HOSTS, SEEDS, st.data())
def test_count_is_respected_and_the_rest_is_the_control(
    hosts: list[str], seed: int, data: st.DataObject
) -> None:
    count = data.draw(st.integers(min_value=1, max_value=len(hosts)))
    selection = select_targets(targets(count=count, seed=seed), hosts)
    assert len(selection.targets) == count
    assert sorted(selection.targets + selection.control) == sorted(hosts)
    assert [host for host in hosts if host in selection.targets] == list(selection.targets)
    assert [host for host in hosts if host in selection.control] == list(selection.control)


@given(HOSTS, SEEDS, st.randoms(use_true_random=False))
def test_the_same_seed_draws_the_same_hosts_in_any_order(
    hosts: list[str], seed: int, random: Random
) -> None:
    shuffled = random.sample(hosts, len(hosts))
    first = select_targets(targets(count=1, seed=seed), hosts)
    assert select_targets(targets(count=1, seed=seed), hosts) == first
    assert select_targets(targets(count=1, seed=seed), shuffled).targets == first.targets


def test_seeds_make_a_difference() -> None:
    hosts = [f"kafka-{number}" for number in range(10)]
    chosen = {select_targets(targets(count=1, seed=seed), hosts).targets for seed in range(50)}
    assert len(chosen) > 5


def test_the_draw_of_a_seed_never_changes_between_versions() -> None:
    hosts = ["kafka-1", "kafka-2", "kafka-3", "kafka-4"]
    chosen = [select_targets(targets(count=1, seed=seed), hosts).targets for seed in range(4)]
    assert chosen == [("kafka-4",), ("kafka-2",), ("kafka-1",), ("kafka-2",)]


@given(HOSTS, st.integers(min_value=1, max_value=100))
def test_percent_is_rounded_up_and_at_least_one(hosts: list[str], percent: int) -> None:
    selection = select_targets(targets(percent=f"{percent}%"), hosts)
    assert len(selection.targets) == max(1, -(-len(hosts) * percent // 100))


def test_percent_has_no_rounding_accidents() -> None:
    hosts = [f"kafka-{number}" for number in range(1000)]
    assert len(select_targets(targets(percent="0.1%"), hosts).targets) == 1
    assert len(select_targets(targets(percent="16.1%"), hosts).targets) == 161


def test_all_is_the_default() -> None:
    hosts = ["kafka-2", "kafka-1"]
    assert select_targets(targets(), hosts).targets == ("kafka-2", "kafka-1")
    assert select_targets(targets(all=True), hosts).control == ()


@given(HOSTS, SEEDS, st.data())
def test_only_capable_hosts_that_are_not_excluded_are_drawn(
    hosts: list[str], seed: int, data: st.DataObject
) -> None:
    capable = data.draw(st.sets(st.sampled_from(hosts)))
    excluded = data.draw(st.sets(st.sampled_from(hosts)))
    wanted = targets(count=1, seed=seed, exclude=sorted(excluded))
    eligible = capable - excluded
    if not eligible:
        with pytest.raises(InvalidInventoryError):
            select_targets(wanted, hosts, capable)
        return
    selection = select_targets(wanted, hosts, capable)
    assert set(selection.targets) <= eligible
    assert set(selection.passed_over) == set(hosts) - eligible
    assert set(selection.passed_over) <= set(selection.control)
    assert all(
        reason == (EXCLUDED if host in excluded else INCAPABLE)
        for host, reason in selection.passed_over.items()
    )


def test_all_reports_the_incapable_so_that_the_caller_can_refuse() -> None:
    selection = select_targets(targets(all=True), ["a", "b"], {"b"})
    assert (selection.targets, selection.passed_over) == (("b",), {"a": INCAPABLE})


def test_exclusions_know_wildcards() -> None:
    selection = select_targets(targets(exclude=["kafka-*"]), ["kafka-1", "kafka-2", "db-1"])
    assert selection.targets == ("db-1",)


def test_an_exclusion_that_matches_nothing_is_refused() -> None:
    with pytest.raises(InvalidInventoryError, match="kafka-9") as caught:
        select_targets(targets(exclude=["kafka-9"]), ["kafka-1"])
    assert "kafka-1" in caught.value.hint


@pytest.mark.parametrize(
    ("spec", "hosts", "capable", "message"),
    [
        ({}, [], None, "has 0 hosts, of which 0 are excluded and 0 cannot"),
        ({"count": 3}, ["a", "b"], None, "2 left, 3 wanted"),
        ({"count": 2}, ["a", "b", "c"], {"a"}, "2 cannot carry the fault: 1 left, 2 wanted"),
        ({"percent": "50%"}, ["a", "b", "c", "d"], {"a"}, "1 left, 2 (50%) wanted"),
        ({"all": True}, ["a"], set(), "0 left, at least 1 wanted"),
    ],
)
def test_too_few_hosts_are_counted_in_the_message(
    spec: dict[str, object], hosts: list[str], capable: set[str] | None, message: str
) -> None:
    with pytest.raises(InvalidInventoryError) as caught:
        select_targets(targets(**spec), hosts, capable)
    assert message in caught.value.message
    assert "the group `kafka_broker`" in caught.value.message


def test_a_pattern_is_named_as_a_pattern() -> None:
    with pytest.raises(InvalidInventoryError, match=r"the pattern `web\*`"):
        select_targets(Targets.model_validate({"hosts": "web*"}), [])
