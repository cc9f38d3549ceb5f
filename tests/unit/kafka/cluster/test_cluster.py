"""Meeting a cluster by addresses that are more, or others, than its brokers."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from chaos_runner.kafka.client_config.client_settings import client_settings
from chaos_runner.kafka.cluster import connection as meeting
from chaos_runner.kafka.cluster.connection import Brokers, admin_client, find_brokers
from chaos_runner.kafka.cluster.foreign_servers import strangers
from chaos_runner.kafka.common.messages import NoticeMessage
from chaos_runner.kafka.common.notices import Notices
from tests.unit.kafka.mock_cluster import MockCluster, running_cluster


@pytest.fixture(scope="module")
def cluster() -> Iterator[MockCluster]:
    with running_cluster() as running:
        yield running


def met(servers: str) -> tuple[Brokers, list[str]]:
    told: list[NoticeMessage] = []
    client = client_settings(servers, {})
    notices = Notices(told.append, client)
    brokers = find_brokers(admin_client(client, notices), client, notices, 30.0)
    return brokers, [each.text for each in told if each.text.startswith("bootstrap servers")]


def test_each_broker_once_needs_no_word(cluster: MockCluster) -> None:
    brokers, told = met(cluster.bootstrap)
    assert sorted(brokers) == [1, 2, 3]
    assert told == []


def test_the_same_broker_by_name_and_by_address_is_one(cluster: MockCluster) -> None:
    port = cluster.bootstrap.rpartition(":")[2]
    brokers, told = met(f"{cluster.bootstrap},localhost:{port}")
    assert sorted(brokers) == [1, 2, 3]
    assert told == []


def test_an_address_that_is_no_broker_is_told_and_does_no_harm(
    cluster: MockCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(meeting, "STARTING_SECONDS", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as removed:
        closed = f"127.0.0.1:{removed.getsockname()[1]}"
    with socket.create_server(("127.0.0.1", 0)) as shared:
        vip = f"127.0.0.1:{shared.getsockname()[1]}"
        brokers, told = met(f"{cluster.bootstrap},{closed},{vip}")
    assert sorted(brokers) == [1, 2, 3]
    (text,) = told
    assert f"{closed}: Connection refused; {vip}: it answers" in text


def test_names_compare_as_addresses_with_their_ports() -> None:
    brokers = {1: "localhost:9092", 2: "[::1]:9093"}
    assert strangers(["127.0.0.1:9092", "LOCALHOST.:9092", "::1:9093"], brokers) == []
    assert strangers(["127.0.0.1:9093", "127.0.0.1:port"], brokers) == [
        "127.0.0.1:9093",
        "127.0.0.1:port",
    ]
    assert strangers(["127.0.0.1:9094", "no-such-name.invalid:9092"], brokers) == [
        "127.0.0.1:9094",
        "no-such-name.invalid:9092",
    ]
