"""Put a probe together from its parts."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Mapping, Sequence
from functools import partial

from confluent_kafka.admin import AdminClient

from chaos_runner.kafka.client_config.client_settings import ClientSettings
from chaos_runner.kafka.cluster.exposure import partitions_by_group
from chaos_runner.kafka.cluster.health_watch import HealthPoll
from chaos_runner.kafka.common.messages import ProbeSettings
from chaos_runner.kafka.common.notices import Notices
from chaos_runner.kafka.consumer_groups.group_watch import GroupWatch
from chaos_runner.kafka.consuming.consumer import Reader, consumer_client
from chaos_runner.kafka.consuming.second_reader import SecondReader
from chaos_runner.kafka.ledger.buckets import Buckets
from chaos_runner.kafka.ledger.ledger import Ledger
from chaos_runner.kafka.ledger.record_header import padding, run_number
from chaos_runner.kafka.probe.channel import Channel
from chaos_runner.kafka.probe.engine import Engine
from chaos_runner.kafka.producing.exposure_group import Group
from chaos_runner.kafka.producing.group_producer import MOST_IN_FLIGHT, GroupProducer
from chaos_runner.kafka.producing.producer import producer_client
from chaos_runner.kafka.stalls.independent_observer import IndependentObserver
from chaos_runner.measurements.exposure import Exposure
from chaos_runner.measurements.schedule import NANOSECONDS, Schedule, slots_together

_SOCKET_TIMEOUT = 60_000
"""Librdkafka's default of `socket.timeout.ms`."""
_DELIVERY_TIMEOUT = 300_000
"""Librdkafka's default of `delivery.timeout.ms`."""
_LINGER = 5
"""Librdkafka's default of `linger.ms`."""
_SWITCH_SECONDS = 0.001
"""How long a busy Python thread keeps a reader waiting that has a record to stamp."""


def make_engine(
    settings: ProbeSettings,
    client: ClientSettings,
    topic: str,
    exposed: Sequence[Exposure],
    health: HealthPoll,
    channel: Channel,
    notices: Notices,
    starts: Sequence[int] = (),
) -> Engine:
    """Return an engine for the partitions of a topic, each with its exposure; not yet started.

    `starts` are the ends of the partitions where the topic is not new. The schedule begins now.
    Raises ProbeError for a client property that librdkafka refuses.
    """
    sys.setswitchinterval(_SWITCH_SECONDS)
    schedule = Schedule(
        time.monotonic_ns(), settings.rate, slots_together(settings.rate, len(exposed))
    )
    ledger = Ledger(len(exposed), Buckets(schedule.start / NANOSECONDS), starts)
    groups = [
        _group(group, partitions, settings, client, topic, schedule, ledger, notices)
        for group, partitions in partitions_by_group(exposed).items()
    ]
    return Engine(
        run_number(settings.run),
        padding(settings.size),
        schedule,
        ledger,
        groups,
        health,
        IndependentObserver(partial(consumer_client, client, notices, "watchdog"), topic),
        channel,
        notices,
        float(client.common.get("socket.timeout.ms", _SOCKET_TIMEOUT)) / 1000,
        shared=bool(settings.topic),
    )


def second_reader(client: ClientSettings, topic: str, notices: Notices) -> SecondReader:
    """Return the reader that decides about losses; raises ProbeError as `make_engine`."""
    return SecondReader(consumer_client(client, notices, "second-reader"), topic)


def group_watch(
    admin: AdminClient, client: ClientSettings, notices: Notices, groups: Sequence[str]
) -> GroupWatch | None:
    """Return the watch over consumer groups of others; None where none is named."""
    if not groups:
        return None
    return GroupWatch(
        admin,
        lambda group: consumer_client(client, notices, "groups", group),
        groups,
        partial(notices.tell, "warning"),
    )


def _group(
    group: Exposure,
    partitions: list[int],
    settings: ProbeSettings,
    client: ClientSettings,
    topic: str,
    schedule: Schedule,
    ledger: Ledger,
    notices: Notices,
) -> Group:
    suffix = f"-{group}" if group else ""
    group_producer = GroupProducer(
        group,
        partial(producer_client, client, notices, f"producer{suffix}"),
        topic,
        settings,
        schedule,
        ledger,
        notices,
        # Only an idempotent producer limits what is in flight.
        most_in_flight=MOST_IN_FLIGHT if client.idempotent else math.inf,
        most_held=int(client.producer["queue.buffering.max.messages"]),
        patience=_patience(client),
        linger=float(client.producer.get("linger.ms", _LINGER)) / 1000,
    )

    def read_from(positions: Mapping[int, int]) -> Reader:
        make = partial(consumer_client, client, notices, f"reader{suffix}")
        return Reader(make, topic, positions)

    starts = {number: ledger.partitions[number].position for number in partitions}
    return Group(group_producer, starts, read_from)


def _patience(client: ClientSettings) -> float:
    """Return the seconds for which a record may wait; librdkafka takes 0 for ever."""
    milliseconds = float(client.producer.get("delivery.timeout.ms", _DELIVERY_TIMEOUT))
    return milliseconds / 1000 or math.inf
