"""What a probe costs for the time that acks take, beside a plain client of the same library.

Both send 100 records a second to librdkafka's mock cluster of three brokers and consume them
again. The plain client has a thread that sends, one that blocks for delivery reports and one that
blocks for records: it stamps what comes back, and keeps no account. Counted are the threads of the
one that is measured alone. It needs neither Kafka nor root.
"""

from __future__ import annotations

import argparse
import logging
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from confluent_kafka import Consumer, TopicPartition

from chaos_runner.kafka.client_config.client_settings import client_settings
from chaos_runner.measurements.exposure import Exposure
from tests.unit.kafka import mock_probe
from tests.unit.kafka.mock_cluster import MockCluster
from tests.unit.kafka.mock_probe import TOPIC, MockProbe
from tests.unit.kafka.plain_client import PlainClient

GONE = -1
ROUND_TRIPS = (1, 10, 100, 300, 1000, 30_000, GONE)
"""Milliseconds; GONE: no broker is there any more."""
RATE = 100.0
BROKERS = (1, 2, 3)
WARM_UP = 2.0
PROPERTIES = {"linger.ms": "5", "socket.timeout.ms": "60000", "log_level": "0"}


def threads() -> dict[int, tuple[float, int]]:
    """Return of each thread the CPU-seconds it has used, and how often it has slept."""
    found = {}
    for task in Path("/proc/self/task").iterdir():
        with suppress(FileNotFoundError, ProcessLookupError):  # it has ended meanwhile
            seconds = int((task / "schedstat").read_text().split()[0]) / 1e9
            status = (task / "status").read_text()
            slept = int(status.split("voluntary_ctxt_switches:")[1].split()[0])
            found[int(task.name)] = seconds, slept
    return found


@contextmanager
def the_probe(cluster: MockCluster) -> Iterator[Callable[[], object]]:
    """Yield what a probe's main thread does again and again."""
    mock_probe.QUICK.clear()
    probe = MockProbe(cluster, PROPERTIES, [Exposure.ALL] * len(BROKERS), RATE)
    yield probe.engine.tick


@contextmanager
def a_plain_client(cluster: MockCluster) -> Iterator[Callable[[], object]]:
    """Yield what a plain client's main thread does: consume and stamp."""
    settings = client_settings(cluster.bootstrap, PROPERTIES, RATE)
    consumer = Consumer({**settings.common, **settings.consumer}, logger=logging.getLogger("none"))
    consumer.assign([TopicPartition(TOPIC, number, 0) for number in range(len(BROKERS))])
    stamps = []

    def consume() -> None:
        message = consumer.poll(0.1)
        if message is not None:
            stamps.append((message.offset(), time.monotonic_ns()))

    with PlainClient({**settings.common, **settings.producer}, TOPIC, RATE, len(BROKERS)):
        yield consume


SIDES = {"probe": the_probe, "plain": a_plain_client}


def one(side: str, round_trip: int, seconds: float) -> None:
    """Measure one side in this process, and print its percent of a core and its wake-ups."""
    cluster = MockCluster()
    cluster.create_topic(TOPIC, len(BROKERS))
    cluster.await_topic(TOPIC)
    others = set(threads()) - {os.getpid()}

    def work_on(work: Callable[[], object], length: float) -> None:
        end = time.monotonic() + length
        while time.monotonic() < end:
            work()

    with SIDES[side](cluster) as work:
        work_on(work, WARM_UP)
        for broker in BROKERS:
            if round_trip == GONE:
                cluster.set_down(broker)
            else:
                cluster.set_round_trip(broker, round_trip)
        work_on(work, WARM_UP + 2 * min(max(round_trip, 0), 1000) / 1000)
        before = threads()
        work_on(work, seconds)
        after = threads()
        spent = [
            (cpu - before.get(thread, (0.0, 0))[0], slept - before.get(thread, (0.0, 0))[1])
            for thread, (cpu, slept) in after.items()
            if thread not in others
        ]
        cpu, wakes = (sum(each) for each in zip(*spent, strict=True))
        print(100 * cpu / seconds, wakes / seconds, flush=True)
        os._exit(0)  # what has no ack yet would be waited for


def main() -> None:
    """Measure both sides in turn, each in a process of its own, and print medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=5.0, help="to measure in each round")
    parser.add_argument("--one", nargs=2, metavar=("SIDE", "MILLISECONDS"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        one(options.one[0], int(options.one[1]), options.seconds)
    found: dict[tuple[int, str], list[list[float]]] = {}
    for _ in range(options.rounds):
        for round_trip in ROUND_TRIPS:
            for side in SIDES:
                command = [sys.executable, __file__, "--seconds", str(options.seconds), "--one"]
                output = subprocess.run(
                    [*command, side, str(round_trip)], check=True, stdout=subprocess.PIPE, text=True
                ).stdout
                print(f"{side} {round_trip} ms: {output.strip()}", file=sys.stderr, flush=True)
                found.setdefault((round_trip, side), []).append(list(map(float, output.split())))
    for round_trip in ROUND_TRIPS:
        medians = {
            side: [statistics.median(each) for each in zip(*found[round_trip, side], strict=True)]
            for side in SIDES
        }
        (probe, probe_wakes), (plain, plain_wakes) = medians["probe"], medians["plain"]
        when = "no broker" if round_trip == GONE else f"acks {round_trip} ms later"
        print(
            f"{when}: probe {probe:.1f} % of a core, {probe_wakes:.0f} wake-ups/s; plain client "
            f"{plain:.1f} %, {plain_wakes:.0f}/s: ratio {plain / probe:.1f}; probe in each round "
            + " ".join(f"{cpu:.1f}" for cpu, _ in found[round_trip, "probe"])
        )


if __name__ == "__main__":
    main()
