"""Which hosts are worked on through which execution node, and which cannot be."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from chaos_runner.fleet.inventory import Host
from chaos_runner.hosts.inventory.reader import read_inventory
from chaos_runner.hosts.nodes.zones import with_nodes, zones_of

INVENTORY = """\
all:
  hosts: {node: {ansible_host: 192.0.2.1}, straight: {}}
  children:
    zone:
      hosts: {one: {}, two: {}}
      vars: {chaos_execution_node: node}
"""


def host(name: str, node: str = "") -> Host:
    return Host(name=name, address=name, execution_node=node)


def fleet(*hosts: Host) -> dict[str, Host]:
    return with_nodes({each.name: each for each in hosts})


def test_a_zone_is_the_hosts_of_a_group(tmp_path: Path) -> None:
    file = tmp_path / "hosts.yml"
    file.write_text(INVENTORY)
    hosts = read_inventory(file).hosts
    zones = zones_of(each for each in hosts.values() if not each.unusable)
    assert {node: [each.name for each in zone] for node, zone in zones.items()} == {
        "": ["straight"],
        "node": ["one", "two"],
    }
    assert hosts["one"].through == replace(hosts["node"], unusable="", never_reached=False)
    assert "gets no faults" in hosts["node"].unusable
    assert hosts["node"].never_reached


@pytest.mark.parametrize(
    ("hosts", "why"),
    [
        ([host("one", "nobody")], "no host of this inventory"),
        ([host("one", "two"), host("two", "three"), host("three")], "has one itself"),
        ([host("one", "two"), replace(host("two"), unusable="it is local")], "it is local"),
    ],
)
def test_a_node_that_cannot_be_used_is_named(hosts: list[Host], why: str) -> None:
    assert why in fleet(*hosts)["one"].unusable


def test_a_node_that_is_in_its_own_zone_is_reached_straight() -> None:
    hosts = fleet(host("node", "node"), host("one", "node"))
    assert hosts["one"].through is not None
    assert hosts["one"].through.execution_node == ""
