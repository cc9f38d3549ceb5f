"""Hosts that cannot be worked on stop no other; named, they are unknown."""

from __future__ import annotations

from pathlib import Path

from chaos_runner.fleet.inventory import Host, Inventory
from chaos_runner.fleet.usable_hosts import choose_hosts

FLEET = Inventory(
    Path("hosts"),
    {
        "k1": Host("k1", "198.18.0.11"),
        "here": Host("here", "localhost", unusable="its connection is local", never_reached=True),
        "k2": Host("k2", "k2", unusable="`ansible_host` has no value"),
    },
    {},
)


def test_a_host_that_was_not_named_is_left_out_with_the_reason() -> None:
    choice = choose_hosts(FLEET, ["k1", "here"], named=False)
    assert (choice.hosts, choice.unknown) == (("k1",), {})
    assert choice.left_out == {"here": "its connection is local"}


def test_a_host_that_cannot_be_read_now_may_have_a_fault_and_is_unknown() -> None:
    choice = choose_hosts(FLEET, ["k1", "here", "k2"], named=False)
    assert (choice.hosts, list(choice.left_out)) == (("k1",), ["here"])
    assert choice.unknown == {"k2": "`ansible_host` has no value"}


def test_a_host_that_was_named_is_unknown() -> None:
    choice = choose_hosts(FLEET, ["k1", "here"], named=True)
    assert (choice.hosts, choice.left_out) == (("k1",), {})
    assert choice.unknown == {"here": "its connection is local"}


def test_where_nothing_else_is_there_nothing_counts_as_looked_at() -> None:
    choice = choose_hosts(FLEET, ["here"], named=False)
    assert (choice.hosts, list(choice.unknown), choice.left_out) == ((), ["here"], {})
