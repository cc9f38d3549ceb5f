"""The probe process: `python -m chaos_runner.kafka.probe`, started by session.Probe.

It lives as long as its standard input is open, and takes its topic away however it ends.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from confluent_kafka.admin import AdminClient

from chaos_runner.errors import ChaosRunnerError, UsageError
from chaos_runner.kafka.buckets import Buckets
from chaos_runner.kafka.channel import Channel, ControllerGoneError
from chaos_runner.kafka.client_settings import ClientSettings, client_settings
from chaos_runner.kafka.cluster import Brokers, admin_client, find_brokers
from chaos_runner.kafka.consumer import Reader, consumer_client
from chaos_runner.kafka.drain import Drain
from chaos_runner.kafka.engine import Engine
from chaos_runner.kafka.health import HealthPoll
from chaos_runner.kafka.identity import run_number
from chaos_runner.kafka.ledger import Ledger
from chaos_runner.kafka.messages import Failed, Finish, Finished, ProbeSettings, Ready
from chaos_runner.kafka.notices import Notices
from chaos_runner.kafka.placement import place
from chaos_runner.kafka.producer import Sender, outlet_of, producer_client
from chaos_runner.kafka.schedule import NANOSECONDS, Schedule
from chaos_runner.kafka.second_reader import SecondReader
from chaos_runner.kafka.topic import create_topic, delete_topic, topic_of

DELETE_LIMIT = 10.0


def main() -> int:
    """Run one probe over standard input and output; return the exit status."""
    # The run decides when the probe ends. A terminal's Ctrl-C and hang-up are for the run.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    channel = Channel(sys.stdin, sys.stdout)
    signal.signal(signal.SIGTERM, lambda *_: channel.hang_up())
    try:
        settings = channel.open()
        run_probe(settings, channel)
    except ChaosRunnerError as error:
        usage = isinstance(error, UsageError)
        channel.send(Failed(text=error.message, hint=error.hint, usage=usage))
        return error.exit_code
    except ControllerGoneError:
        return 0
    finally:
        channel.close()
    return 0


def run_probe(settings: ProbeSettings, channel: Channel) -> None:
    """Meet the cluster, send and read until told to finish, and say how it ended."""
    began = time.monotonic()
    client = client_settings(
        settings.bootstrap_servers,
        settings.client,
        settings.rate,
        profile=settings.profile,
        file=Path(settings.properties_file) if settings.properties_file else None,
    )
    notices = Notices(channel.send, client)
    for line in client.left_out:
        notices.tell("info", line)
    admin = admin_client(client, notices)
    brokers = find_brokers(admin, client, notices, settings.start_limit, channel.check)
    placement = place(brokers)
    left = max(1.0, settings.start_limit - (time.monotonic() - began))
    with _own_topic(admin, topic_of(settings.run), placement, left, notices) as topic:
        consumer = consumer_client(client, notices)
        reader = Reader(consumer, topic, len(placement), run_number(settings.run))
        health = HealthPoll(admin, topic, settings.groups)
        engine = _engine(settings, client, topic, reader, health, channel, notices)
        channel.send(_ready(settings, client, topic, brokers, placement))
        gc.freeze()
        finish = engine.run()
        finished = _finish(finish, settings, client, engine, topic, notices)
        reader.stop()
        health.stop()
    channel.send(finished)


@contextmanager
def _own_topic(
    admin: AdminClient, topic: str, placement: list[list[int]], limit: float, notices: Notices
) -> Iterator[str]:
    create_topic(admin, topic, placement, limit)
    try:
        yield topic
    finally:
        reason = delete_topic(admin, topic, DELETE_LIMIT)
        if reason:
            notices.tell("warning", f"topic {topic} could not be deleted: {reason}")


def _engine(
    settings: ProbeSettings,
    client: ClientSettings,
    topic: str,
    reader: Reader,
    health: HealthPoll,
    channel: Channel,
    notices: Notices,
) -> Engine:
    producer = producer_client(client, notices)
    schedule = Schedule(time.monotonic_ns(), settings.rate)
    ledger = Ledger(reader.partitions, Buckets(schedule.start / NANOSECONDS))
    outlet = outlet_of(producer, topic, settings, client, ledger, notices)
    sender = Sender(outlet, schedule)
    reader.start()
    health.start()
    return Engine(schedule, ledger, sender, reader, health, channel, notices)


def _ready(
    settings: ProbeSettings,
    client: ClientSettings,
    topic: str,
    brokers: Brokers,
    placement: list[list[int]],
) -> Ready:
    return Ready(
        topic=topic,
        brokers={str(broker): address for broker, address in brokers.items()},
        placement={str(number): replicas for number, replicas in enumerate(placement)},
        rate=settings.rate,
        size=settings.size,
        client=client.redacted,
        profile=client.profile,
    )


def _finish(
    finish: Finish,
    settings: ProbeSettings,
    client: ClientSettings,
    engine: Engine,
    topic: str,
    notices: Notices,
) -> Finished:
    consumer = consumer_client(client, notices, "second-reader")
    second_reader = SecondReader(consumer, topic, run_number(settings.run))
    drain = Drain(engine, second_reader, finish.limit)
    drain.run()
    return Finished(
        request=finish.request,
        complete=not drain.reasons,
        totals=engine.ledger.buckets.totals(),
        reason="; ".join(drain.reasons),
    )


if __name__ == "__main__":
    status = main()
    sys.stderr.flush()
    # The clients' own shutdown may wait for brokers that will never answer.
    os._exit(status)
