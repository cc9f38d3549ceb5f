from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from chaos_runner.fleet.inventory import Host
from chaos_runner.hosts.ssh_route import parse_ssh_arguments, route_to, route_to_jump


def no_config(name: str) -> Mapping[str, str | list[str]]:
    return {"hostname": name}


def test_a_bare_host_gets_the_defaults_of_ssh(empty_home: Path) -> None:
    route = route_to(Host("b", "198.18.0.1"), no_config)
    assert (route.host_name, route.port, route.user) == ("198.18.0.1", 22, None)
    assert route.known_hosts_files[0] == empty_home / ".ssh/known_hosts"
    assert Path("/etc/ssh/ssh_known_hosts") in route.known_hosts_files


@pytest.mark.parametrize(
    ("arguments", "options"),
    [
        ("-o A=1 -oB=2 -o 'C 3' -o D=\"x y\"", {"a": ["1"], "b": ["2"], "c": ["3"], "d": ["x y"]}),
        ("-p 2222 -l ops -i /k -J a,b", "port user identityfile proxyjump"),
        ("-C -4 -F none -o 'ProxyCommand=ssh -W %h:%p x'", {"proxycommand": ["ssh -W %h:%p x"]}),
        ("", {}),
    ],
)
def test_ssh_arguments_are_read_as_ssh_reads_them(
    arguments: str, options: dict[str, list[str]] | str
) -> None:
    parsed = parse_ssh_arguments(arguments)
    assert parsed == options if isinstance(options, dict) else set(parsed) == set(options.split())


def test_an_option_without_a_value_is_refused() -> None:
    with pytest.raises(ValueError, match="`Compression` has no value"):
        parse_ssh_arguments("-o Compression")


def test_the_inventory_wins_over_its_arguments_and_those_over_the_config() -> None:
    config: dict[str, str | list[str]] = {
        "hostname": "real", "port": "2", "user": "config", "identityfile": ["/config"],
    }  # fmt: skip
    host = Host("b", "alias", port=2222, private_key_file="/own", ssh_arguments="-i /more -l me")
    route = route_to(host, lambda name: config)
    assert (route.host_name, route.port, route.user) == ("real", 2222, "me")
    assert route.identity_files == (Path("/own"), Path("/more"), Path("/config"))
    assert route_to(Host("b", "alias"), lambda name: config).port == 2


def test_known_hosts_of_the_arguments_replace_the_users() -> None:
    route = route_to(Host("b", "b", ssh_arguments="-o UserKnownHostsFile='/a /b'"), no_config)
    assert route.known_hosts_files[:2] == (Path("/a"), Path("/b"))
    assert "known_hosts" not in [file.name for file in route.known_hosts_files]
    nothing = Host(
        "b", "b", ssh_arguments="-o UserKnownHostsFile=none -o GlobalKnownHostsFile=none"
    )
    assert route_to(nothing, no_config).known_hosts_files == ()


def test_jumps_and_proxy_commands() -> None:
    jumps = route_to(Host("b", "b", ssh_arguments="-J a@x:1,y"), no_config)
    assert jumps.jumps == ("a@x:1", "y")
    hop = route_to_jump("a@x:1", no_config)
    assert (hop.user, hop.host_name, hop.port) == ("a", "x", 1)
    six = route_to_jump("[2001:db8::1]:2200", no_config)
    assert (six.host_name, six.port) == ("2001:db8::1", 2200)
    command = Host("b", "b", user="o'p", ssh_arguments="-o 'ProxyCommand=nc -l %r %h %p'")
    assert route_to(command, no_config).proxy_command == "nc -l 'o'\"'\"'p' b 22"
    assert route_to(Host("b", "b"), lambda name: {"proxyjump": "none"}).jumps == ()
