"""While acks take their time, librdkafka's threads sleep: what counts is how often they look."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

import pytest
from confluent_kafka import Producer

from chaos_runner.measurements.exposure import Exposure
from tests.unit.kafka.mock_probe import MockProbe, mock_probe

RATE = 100.0
SECONDS = 4.0
MOST = 6
"""Looks a record and a broker: it comes, its linger ends, it goes, its ack comes, and some more.
Without end it is thousands a second."""
ROUNDS = 5
"""A busy machine that holds acks up piles records up; what looks without end does so in each."""


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, int]]:
    """Yield how often each broker thread of the producers has looked so far, by its name."""
    found: dict[str, int] = {}

    def note(text: str) -> None:
        for name, broker in json.loads(text)["brokers"].items():
            found[name] = broker["wakeups"]

    def telling(properties: dict[str, object], **kept: object) -> Producer:
        return Producer({**properties, "statistics.interval.ms": 500, "stats_cb": note}, **kept)

    monkeypatch.setattr("chaos_runner.kafka.producing.producer.Producer", telling)
    yield found


@pytest.mark.parametrize("round_trip", [1, 100, 1000])
def test_no_thread_looks_without_end_while_records_wait_for_acks(
    looks: dict[str, int], round_trip: int
) -> None:
    with mock_probe({"socket.timeout.ms": "20000"}, [Exposure.ALL], RATE) as probe:
        for broker in (1, 2, 3):
            probe.cluster.set_round_trip(broker, round_trip)
        probe.tick_until(probe.flows)
        rates: list[float] = []
        while len(rates) < ROUNDS and (not rates or rates[-1] >= MOST * RATE):
            rates.append(looks_a_second(probe, looks))
    assert 0 < rates[-1] < MOST * RATE, rates


def looks_a_second(probe: MockProbe, looks: dict[str, int]) -> float:
    """Return how many looks a second the threads take, over some seconds."""
    before, began = sum(looks.values()), time.monotonic()
    probe.tick_until(lambda: time.monotonic() >= began + SECONDS)
    # What is told each half second may be of a second more.
    return (sum(looks.values()) - before) / (time.monotonic() - began + 1)
