"""The shapes of a partition: who hears whom, whatever the number of hosts and the seed."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaos_runner.errors import InvalidInventoryError
from chaos_runner.faults.partition_shapes import (
    Direction,
    Shape,
    Split,
    split_by_groups,
    split_by_shape,
)

SHAPES: tuple[Shape, ...] = ("isolate", "halves", "majority_minority", "bridge", "majorities_ring")
sizes = st.one_of(st.sampled_from([3, 4, 5, 7]), st.integers(3, 40))
seeds = st.integers(0, 2**63 - 1)


def hosts(count: int) -> list[str]:
    return [f"kafka-{number}" for number in range(1, count + 1)]


def hears(split: Split, host: str) -> set[str]:
    """Return whom a host still hears, itself included."""
    return set(split.cut_from) - set(split.cut_from[host])


def sides(split: Split) -> list[set[str]]:
    """Return the sets of hosts of which each hears just its own, the largest last."""
    found = {frozenset(hears(split, host)) for host in split.cut_from}
    return [set(side) for side in sorted(found, key=len)]


@given(st.sampled_from(SHAPES), sizes, seeds)
def test_a_cut_is_symmetric_and_nobody_is_cut_from_itself(
    shape: Shape, count: int, seed: int
) -> None:
    split = split_by_shape(hosts(count), shape, seed)
    assert list(split.cut_from) == hosts(count)
    for host, others in split.cut_from.items():
        assert host not in others
        assert list(others) == [each for each in hosts(count) if each in others]
        assert all(host in split.cut_from[other] for other in others)
    assert any(split.cut_from.values())


@given(sizes, seeds)
def test_one_is_isolated(count: int, seed: int) -> None:
    one, rest = sides(split_by_shape(hosts(count), "isolate", seed))
    assert (len(one), len(rest), one & rest) == (1, count - 1, set())


@given(sizes, seeds)
def test_halves_are_two_sides_and_nobody_hears_across(count: int, seed: int) -> None:
    split = split_by_shape(hosts(count), "halves", seed)
    assert {frozenset(hears(split, host)) for host in split.first_side} == {split.first_side}
    others = set(split.cut_from) - split.first_side
    assert all(hears(split, host) == others for host in others)
    assert len(others) - len(split.first_side) in {0, 1}


@given(sizes, seeds)
def test_only_the_majority_has_more_than_half(count: int, seed: int) -> None:
    split = split_by_shape(hosts(count), "majority_minority", seed)
    few, most = sides(split)
    assert len(most) > count / 2 > len(few) >= 1
    assert few == split.first_side
    assert not few & most
    assert len(most) - len(few) <= 2


@given(sizes, seeds)
def test_exactly_one_host_of_a_bridge_hears_all(count: int, seed: int) -> None:
    split = split_by_shape(hosts(count), "bridge", seed)
    (bridge,) = [host for host in split.cut_from if not split.cut_from[host]]
    left, right = ({host for host in side if host != bridge} for side in sides(split)[:2])
    assert not left & right
    assert len(left | right) == count - 1
    assert abs(len(left) - len(right)) <= 1


@given(sizes, seeds)
def test_everybody_in_a_ring_hears_another_majority(count: int, seed: int) -> None:
    split = split_by_shape(hosts(count), "majorities_ring", seed)
    heard = [frozenset(hears(split, host)) for host in split.cut_from]
    assert all(len(each) > count / 2 for each in heard)
    assert len(set(heard)) == count


@given(st.sampled_from(SHAPES), sizes, seeds)
def test_the_same_seed_draws_the_same(shape: Shape, count: int, seed: int) -> None:
    assert split_by_shape(hosts(count), shape, seed) == split_by_shape(hosts(count), shape, seed)


def test_without_a_seed_the_order_of_the_hosts_counts() -> None:
    assert split_by_shape(hosts(4), "isolate").first_side == {"kafka-1"}
    assert split_by_shape(hosts(5), "bridge").cut_from == {
        "kafka-1": ("kafka-4", "kafka-5"),
        "kafka-2": ("kafka-4", "kafka-5"),
        "kafka-3": (),
        "kafka-4": ("kafka-1", "kafka-2"),
        "kafka-5": ("kafka-1", "kafka-2"),
    }
    assert split_by_shape(hosts(5), "majorities_ring").cut_from["kafka-1"] == (
        "kafka-3",
        "kafka-4",
    )


def test_seeds_draw_different_sides() -> None:
    drawn = {split_by_shape(hosts(5), "isolate", seed).first_side for seed in range(1, 40)}
    assert len(drawn) == 5


@pytest.mark.parametrize(
    ("shape", "least"),
    [("isolate", 2), ("halves", 2), ("majority_minority", 3), ("bridge", 3)],
)
def test_too_few_hosts_are_refused(shape: Shape, least: int) -> None:
    assert split_by_shape(hosts(least), shape).cut_from
    with pytest.raises(InvalidInventoryError, match=f"takes {least} targets or more"):
        split_by_shape(hosts(least - 1), shape)


def test_each_group_is_a_side_and_the_rest_is_one_more() -> None:
    racks = {"rack_a": ["kafka-1", "kafka-4", "elsewhere"], "rack_b": ["kafka-2"]}
    split = split_by_groups(hosts(5), racks)
    assert split.first_side == {"kafka-1", "kafka-4"}
    assert split.cut_from["kafka-1"] == ("kafka-2", "kafka-3", "kafka-5")
    assert hears(split, "kafka-2") == {"kafka-2"}
    assert hears(split, "kafka-3") == {"kafka-3", "kafka-5"}


@pytest.mark.parametrize(
    ("groups", "why"),
    [
        ({"rack_a": ["kafka-9"]}, "no target is in `rack_a`"),
        ({"rack_a": ["kafka-1"], "b": ["kafka-1"]}, "kafka-1 is in `rack_a` and in `b`"),
        ({"rack_a": hosts(3)}, "nobody to cut it from"),
    ],
)
def test_groups_that_make_no_sides_are_refused(groups: dict[str, list[str]], why: str) -> None:
    with pytest.raises(InvalidInventoryError, match=why):
        split_by_groups(hosts(3), groups)


@given(st.sampled_from(SHAPES[:4]), sizes, seeds, st.sampled_from(["in", "out"]))
def test_one_way_the_first_side_alone_gets_rules(
    shape: Shape, count: int, seed: int, direction: Direction
) -> None:
    split = split_by_shape(hosts(count), shape, seed)
    assert set(split.holders(direction)) == split.first_side
    unheard = {
        (host, other)
        for host, all_ in split.unheard(direction, split.first_side).items()
        for other in all_
    }
    for one, other in combinations(hosts(count), 2):
        pairs = {(one, other), (other, one)}
        assert len(pairs & unheard) == (other in split.cut_from[one])
    assert all((host in split.first_side) == (direction == "in") for host, _ in unheard)


def test_both_ways_everybody_who_is_cut_gets_rules() -> None:
    split = split_by_shape(hosts(3), "bridge")
    assert split.holders("both") == ("kafka-1", "kafka-3")
    assert split.unheard("both", split.holders("both")) == {
        "kafka-1": ["kafka-3"],
        "kafka-3": ["kafka-1"],
    }


def test_rules_on_one_host_alone_cut_it_both_ways() -> None:
    split = split_by_shape(hosts(3), "bridge")
    assert split.unheard("both", ["kafka-3"]) == {"kafka-1": ["kafka-3"], "kafka-3": ["kafka-1"]}


def test_of_three_sides_one_way_the_others_hear_each_other() -> None:
    racks = {"rack_a": ["kafka-1"], "rack_b": ["kafka-2"], "rack_c": ["kafka-3"]}
    split = split_by_groups(hosts(3), racks)
    assert split.unheard("in", ["kafka-1"]) == {"kafka-1": ["kafka-2", "kafka-3"]}
    assert split.unheard("out", ["kafka-1"]) == {"kafka-2": ["kafka-1"], "kafka-3": ["kafka-1"]}
