"""Which ports of a broker are for clients alone, by what it says of its listeners."""

from __future__ import annotations

import pytest

from chaos_runner.kafka.cluster.listeners import for_clients

TWO = "INTERNAL://b1.lan:9091,EXTERNAL://b1.example.com:9092"
ALL = f"{TWO}, ADMIN://[2001:db8::1]:9094,CONTROLLER://:9093"


@pytest.mark.parametrize(
    ("settings", "ports"),
    [
        ({"advertised.listeners": TWO, "inter.broker.listener.name": "INTERNAL"}, (9092,)),
        ({"listeners": TWO, "inter.broker.listener.name": "internal"}, (9092,)),
        (
            {
                "advertised.listeners": ALL,
                "listeners": "INTERNAL://:1",
                "inter.broker.listener.name": "INTERNAL",
                "controller.listener.names": "CONTROLLER",
            },
            (9092, 9094),
        ),
        (
            {
                "advertised.listeners": "SSL://b1:9093,PLAINTEXT://b1:9092",
                "security.inter.broker.protocol": "SSL",
            },
            (9092,),
        ),
        ({"listeners": "PLAINTEXT://:9092", "security.inter.broker.protocol": "PLAINTEXT"}, ()),
        ({"advertised.listeners": TWO}, ()),
        ({"advertised.listeners": TWO, "inter.broker.listener.name": "OTHER"}, ()),
        ({"advertised.listeners": "torn", "inter.broker.listener.name": "torn"}, ()),
        ({}, ()),
    ],
)
def test_what_neither_brokers_nor_controllers_use(
    settings: dict[str, str], ports: tuple[int, ...]
) -> None:
    assert for_clients(settings) == ports
