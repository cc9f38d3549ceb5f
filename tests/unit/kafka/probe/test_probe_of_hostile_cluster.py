"""A cluster that turns hostile under a probe: it ends in time, and no verdict rests on it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

import pytest

from chaos_runner.errors import ProbeError
from chaos_runner.kafka.common.messages import HealthMessage, ProbeMessage
from chaos_runner.kafka.probe.session import Probe, ProbeSettings
from tests.unit.kafka.flowing_broker import FETCH, METADATA, FlowingCluster
from tests.unit.kafka.hostile_broker import hostile_broker

# What is refused at the start, and how an answer is told, test_hostile_broker.py shows faster.
pytestmark = pytest.mark.whole

ORDERS = {"orders": [(0, 1, [1]), (1, 1, [1])]}
LIMIT, LONGEST_MESSAGE = 120.0, 10_000
"""Seconds for the whole of it on a busy machine, and characters."""


def garbage(_: FlowingCluster, request: int) -> bytes | None:
    return os.urandom(200) if request != METADATA else b""


def junk_in_the_log(_: FlowingCluster, request: int) -> bytes | None:
    return None if request == FETCH else b""


def crash(cluster: FlowingCluster, _: int) -> bytes | None:
    cluster.cluster = "\udcff\udcfe"
    return b""


def many_partitions(cluster: FlowingCluster, _: int) -> bytes | None:
    cluster.topics = {"orders": [(each, 1, [1]) for each in range(20_000)]}
    return b""


def many_brokers(cluster: FlowingCluster, _: int) -> bytes | None:
    cluster.brokers = [(each, f"127.1.{each // 200}.{each % 200 + 1}", 9) for each in range(3_000)]
    return b""


@pytest.mark.parametrize("turn", [garbage, junk_in_the_log, crash, many_partitions, many_brokers])
def test_nothing_is_held_and_little_is_said(
    turn: Callable[[FlowingCluster, int], bytes | None],
) -> None:
    heard: list[ProbeMessage] = []
    began = time.monotonic()
    cluster = FlowingCluster(topics=ORDERS)
    with hostile_broker(cluster):
        settings = ProbeSettings(
            run="test", bootstrap_servers=cluster.bootstrap, topic="orders", drain_limit=5
        )
        probe = Probe(settings, heard.append)
        probe.start(timeout=60)
        try:
            probe.enter_phase("before")
            time.sleep(2)
            cluster.turn = turn
            time.sleep(6)
            complete = probe.finish().complete
        except ProbeError:
            complete = False
        finally:
            probe.kill()
    assert turn is many_partitions or not complete
    assert time.monotonic() - began < LIMIT
    assert max(len(each.model_dump_json()) for each in heard) < LONGEST_MESSAGE
    leaders = [each.health.leaders for each in heard if isinstance(each, HealthMessage)]
    assert all(set(each) <= {"0", "1"} for each in leaders)
