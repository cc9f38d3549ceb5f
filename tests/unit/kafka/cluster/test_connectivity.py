from __future__ import annotations

import socket

import pytest

from chaos_runner.kafka.cluster.connectivity import (
    host_and_port,
    resolved,
    split_servers,
    unreachable,
)


@pytest.mark.parametrize(
    ("server", "expected"),
    [
        ("kafka-1:9093", ("kafka-1", 9093)),
        ("kafka-1", ("kafka-1", 9092)),
        ("[2001:2::11]:9094", ("2001:2::11", 9094)),
        ("[2001:2::11]", ("2001:2::11", 9092)),
    ],
)
def test_addresses(server: str, expected: tuple[str, int]) -> None:
    assert host_and_port(server) == expected


def test_servers_are_split_and_protocols_taken_off() -> None:
    assert split_servers(" PLAINTEXT://one:1, two:2 , one:1,") == ["one:1", "two:2"]


def test_a_listening_port_is_reachable_and_a_closed_one_says_why() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        listening = f"127.0.0.1:{server.getsockname()[1]}"
        assert unreachable([listening]) == {}
    assert unreachable([listening]) == {listening: "Connection refused"}


def test_a_port_that_is_no_number_is_told() -> None:
    assert "abc" in unreachable(["127.0.0.1:abc"])["127.0.0.1:abc"]


def test_addresses_resolve_to_themselves_and_unknown_names_to_nothing() -> None:
    impossible = 64 * "x"
    found = resolved(["127.0.0.1", "::1", impossible])
    assert found == {"127.0.0.1": {"127.0.0.1"}, "::1": {"::1"}, impossible: set()}
