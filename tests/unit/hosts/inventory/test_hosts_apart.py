"""What cannot be read of a host costs no other."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chaos_runner.errors import InvalidInventoryError
from chaos_runner.hosts.inventory import connection_values
from chaos_runner.hosts.inventory.reader import read_inventory


def test_one_host_that_cannot_be_read_stops_no_other(tmp_path: Path) -> None:
    source = tmp_path / "mixed.yml"
    source.write_text(
        "all:\n  hosts:\n"
        "    good: {ansible_host: 198.18.0.1}\n"
        "    port: {ansible_port: ssh}\n"
        "    late: {ansible_host: '{{ ip }}'}\n"
        "    addresses: {chaos_addresses: 1.2.3, ansible_host: 198.18.0.2}\n"
        "    broker: {kafka_port: many, ansible_host: 198.18.0.3}\n"
        '    torn: {ansible_ssh_common_args: "-o \'X"}\n'
        "    here: {ansible_connection: local}\n"
        "    windows: {ansible_shell_type: powershell}\n",
        encoding="utf-8",
    )
    inventory = read_inventory(source)
    assert inventory.usable == ("good", "addresses", "broker")
    assert inventory.unusable["port"] == "`ansible_port` is no port: ssh"
    assert inventory.unusable["late"] == "`ansible_host` has no value: 'ip' is undefined"
    assert inventory.unusable["torn"].startswith("`ansible_ssh_common_args` is torn")
    never = [name for name in inventory.unusable if inventory.hosts[name].never_reached]
    assert never == ["here", "windows"], "the others may have been reached when they could be read"
    with pytest.raises(InvalidInventoryError, match=r"`addresses`: `chaos_addresses`: '1\.2\.3'"):
        _ = inventory.hosts["addresses"].every_address
    with pytest.raises(InvalidInventoryError, match="`broker`: `kafka_port` is no port: many"):
        _ = inventory.hosts["broker"].kafka_address


@pytest.mark.parametrize("name", ["web*", "~web.*", "!web-1", "web[0]", "{{ x }}"])
def test_a_host_whose_name_is_a_pattern_is_never_worked_on(tmp_path: Path, name: str) -> None:
    listed = {"all": {"children": ["ungrouped"]}, "ungrouped": {"hosts": ["web-1", name]}}
    program = tmp_path / "hosts.sh"
    program.write_text(f"#!/bin/sh\ncat <<'E'\n{json.dumps(listed)}\nE\n", encoding="utf-8")
    program.chmod(0o755)
    inventory = read_inventory(program)
    assert inventory.usable == ("web-1",)
    assert "would be taken for a pattern" in inventory.unusable[name]
    assert inventory.hosts[name].never_reached


def written(directory: Path, text: str) -> Path:
    """Return an inventory with this text."""
    source = directory / "hosts.ini"
    source.write_text(text, encoding="utf-8")
    return source


def test_a_lookup_that_hangs_costs_only_the_hosts_that_need_a_value(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection_values, "_TIMEOUT", 3.0)
    inventory = read_inventory(
        written(
            tmp_path,
            "plain ansible_host=192.0.2.1\n"
            'store ansible_host=\'{{ lookup("pipe", "sleep 1000") }}\'\n',
        )
    )
    assert inventory.usable == ("plain",)
    assert "did not answer within 3 s: a lookup hangs" in inventory.unusable["store"]


def test_a_namespace_that_cannot_be_read_costs_only_its_host(tmp_path: Path) -> None:
    inventory = read_inventory(
        written(
            tmp_path,
            "a chaos_network_namespace=lab\nb chaos_network_namespace='{{ nothing }}'\n",
        )
    )
    assert inventory.network_namespace == "lab"
    assert inventory.usable == ("a",)
    assert "`chaos_network_namespace` has no value" in inventory.unusable["b"]
