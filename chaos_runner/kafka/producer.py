"""Send records on schedule, each partition in turn."""

from __future__ import annotations

import math

from confluent_kafka import KafkaException, Producer

from chaos_runner.kafka.buckets import Slot
from chaos_runner.kafka.client_settings import ClientSettings
from chaos_runner.kafka.cluster import bad_property
from chaos_runner.kafka.identity import padding, run_number
from chaos_runner.kafka.lane import (
    MOST_UNACKNOWLEDGED,
    NANOSECONDS_PER_MILLISECOND,
    Due,
    Lane,
    Outlet,
)
from chaos_runner.kafka.latency import bin_of, percentile
from chaos_runner.kafka.ledger import Ledger
from chaos_runner.kafka.measures import Histogram
from chaos_runner.kafka.messages import ProbeSettings
from chaos_runner.kafka.notices import Notices, silent_logger
from chaos_runner.kafka.schedule import Schedule

_PURGE_SECONDS = 2.0
"""Librdkafka's own threads report purged records; this is ample for the last of them."""


def producer_client(settings: ClientSettings, notices: Notices) -> Producer:
    """Return the producer; raises UsageError with librdkafka's words for a bad property."""
    properties: dict[str, object] = {**settings.common, **settings.producer}
    properties["error_cb"] = notices.on_client_error("producer")
    try:
        return Producer(properties, logger=silent_logger())
    except KafkaException as error:
        raise bad_property(error, settings) from error


def outlet_of(
    producer: Producer,
    topic: str,
    settings: ProbeSettings,
    client: ClientSettings,
    ledger: Ledger,
    notices: Notices,
) -> Outlet:
    """Return what the lanes share; only an idempotent producer limits unacknowledged records."""
    idempotent = client.producer["enable.idempotence"].lower() == "true"
    return Outlet(
        producer,
        topic,
        run_number(settings.run),
        padding(settings.size),
        ledger,
        notices,
        MOST_UNACKNOWLEDGED if idempotent else math.inf,
        int(client.producer["queue.buffering.max.messages"]),
    )


class Sender:
    """Send one record to each partition in turn at a fixed rate, in an open loop."""

    def __init__(self, outlet: Outlet, schedule: Schedule) -> None:
        self._outlet = outlet
        self._schedule = schedule
        self._lanes = [Lane(number, outlet) for number in range(len(outlet.ledger.partitions))]
        self._next_lane = 0
        self._lags: Histogram = {}
        self._stopped = False
        self.phases: list[str] = ["warm-up"]

    @property
    def open_records(self) -> int:
        """Return the number of records whose send has not come to an end."""
        return sum(lane.open_records for lane in self._lanes)

    def enter_phase(self, phase: str, now: int) -> None:
        """Send what is due in the old phase, then stamp the new one."""
        self.send_due(now)
        self.phases.append(phase)

    def stop(self) -> None:
        """End the schedule."""
        self._stopped = True

    def send_due(self, now: int) -> None:
        """Send a record for every slot that has come, however many have piled up."""
        while not self._stopped and (due := self._schedule.take(now)) is not None:
            self._put(due, now)
        for lane in self._lanes:
            lane.hand_over(now)

    def poll(self, longest: float) -> None:
        """Serve delivery reports until the next slot is due, `longest` seconds at most.

        Below a millisecond librdkafka would not wait at all, and the loop would spin.
        """
        self._outlet.producer.poll(max(0.001, longest))

    def give_up(self) -> None:
        """Reject what was never handed over; the fate of what was is unknown."""
        for lane in self._lanes:
            lane.give_up()
        self._outlet.producer.purge()
        self._outlet.producer.flush(_PURGE_SECONDS)

    def take_lag(self) -> tuple[float, float]:
        """Return p99 and maximum in milliseconds by which sends came late since last asked."""
        lags, self._lags = self._lags, {}
        return percentile(lags, 99) or 0.0, percentile(lags, 100) or 0.0

    def _put(self, instant: int, now: int) -> None:
        lag = bin_of((now - instant) / NANOSECONDS_PER_MILLISECOND)
        self._lags[lag] = self._lags.get(lag, 0) + 1
        slot = Slot(self._schedule.second_of(instant), self.phases[-1])
        lane = self._lanes[self._next_lane]
        self._next_lane = (self._next_lane + 1) % len(self._lanes)
        lane.put(Due(instant, slot, len(self.phases) - 1))
