"""The probe's latencies are those of a plain client that stamps each callback.

It and two plain clients send to the same broker at the same time, at the same rate and with the
same properties. By how much the two lie apart is what the machine does: a busy one holds no two
clients up alike. A hiccup that hits one of them alone spoils a round, and another is looked at;
what is wrong by itself is wrong in every round.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from math import ceil

import pytest

from chaos_runner.kafka.client_config.client_settings import client_settings
from chaos_runner.measurements.exposure import Exposure
from chaos_runner.measurements.histogram import percentile
from chaos_runner.measurements.model import Totals
from tests.unit.kafka.mock_probe import MockProbe, mock_probe
from tests.unit.kafka.plain_client import PlainClient

PLAIN = "plain"
RATE = 100.0
PATIENT = {"socket.timeout.ms": "20000"}
POINTS = (50, 90, 99)
SHARE, MILLISECONDS = 0.05, 5.0
"""By so much a percentile of the probe may lie off a plain client's, 5 % and 5 ms, beside what two
of those lie apart. A bin of the histogram is 1.6 % wide."""
ROUNDS = 20


def sleep_and_tick(probe: MockProbe, seconds: float) -> None:
    end = time.monotonic() + seconds
    probe.tick_until(lambda: time.monotonic() >= end)


def one_round(
    probe: MockProbe, plain: Sequence[PlainClient], number: int, seconds: float
) -> list[tuple[float, float, float]]:
    """Return for each point the probe's percentile and the plain clients', in milliseconds."""
    phase = f"round {number}"
    start = time.monotonic_ns()
    probe.engine.sender.enter_phase(phase, start)
    sleep_and_tick(probe, seconds)
    end = time.monotonic_ns()
    probe.engine.sender.enter_phase("between", end)

    def totals() -> Totals:
        return probe.engine.ledger.buckets.totals(time.monotonic())[phase]

    probe.tick_until(lambda: totals().pending == 0)
    least = (seconds - 0.1) * RATE
    probe.tick_until(lambda: all(len(client.between(start, end)) >= least for client in plain))
    one, other = (client.between(start, end) for client in plain)
    ours = totals().ack
    return [
        (percentile(ours, point) or 0.0, percentile_of(one, point), percentile_of(other, point))
        for point in POINTS
    ]


def percentile_of(waits: list[float], point: int) -> float:
    return waits[ceil(point / 100 * len(waits)) - 1]


def agree(point: tuple[float, float, float]) -> bool:
    ours, one, other = point
    off = min(abs(ours - one), abs(ours - other))
    return off <= SHARE * min(one, other) + MILLISECONDS + abs(one - other)


@pytest.mark.parametrize(("round_trip", "seconds"), [(1, 3.0), (100, 4.0), (1000, 8.0)])
def test_the_latencies_are_those_of_a_plain_client(round_trip: int, seconds: float) -> None:
    rounds: list[list[tuple[float, float, float]]] = []
    with mock_probe(PATIENT, [Exposure.ALL], RATE) as probe:
        cluster = probe.cluster
        cluster.create_topic(PLAIN, 1)
        cluster.await_topic(PLAIN)
        settings = client_settings(cluster.bootstrap, PATIENT, RATE)
        for broker in (1, 2, 3):
            cluster.set_round_trip(broker, round_trip)
        properties = {**settings.common, **settings.producer}
        with (
            PlainClient(properties, PLAIN, RATE) as one,
            PlainClient(properties, PLAIN, RATE) as other,
        ):
            sleep_and_tick(probe, 1.0 + 4 * round_trip / 1000)
            while len(rounds) < ROUNDS:
                rounds.append(one_round(probe, (one, other), len(rounds), seconds))
                if all(map(agree, rounds[-1])):
                    break
            assert all(map(agree, rounds[-1])), rounds
        assert min(ours for ours, *_ in rounds[-1]) >= round_trip
