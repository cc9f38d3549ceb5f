"""One group's producer, and what its lanes need to send through it.

Each exposure group has a producer of its own. Librdkafka's queue is shared by all partitions of
a client: records for a broker that stands still would fill it, and starve the control group.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol

from confluent_kafka import Producer

from chaos_runner.kafka.buckets import Slot, slot_of
from chaos_runner.kafka.identity import EXPOSURES, padding, run_number
from chaos_runner.kafka.ledger import Ledger
from chaos_runner.kafka.measures import Exposure
from chaos_runner.kafka.messages import ProbeSettings
from chaos_runner.kafka.notices import Notices
from chaos_runner.kafka.schedule import NANOSECONDS, Schedule

MOST_REQUESTS = 5
"""RD_KAFKA_IDEMP_MAX_INFLIGHT in librdkafka; the brokers remember as many for each producer."""
REQUEST_BYTES = 1_000_000
"""Librdkafka's default `batch.size`: more records than fit go in a further request."""
RECORD_OVERHEAD = 70
"""Bytes that a record costs in a request beside its value, at most."""

_PURGE_SECONDS = 2.0
"""Librdkafka's own threads report purged records; this is ample for the last of them."""


class Acknowledged(Protocol):
    """Be a request of which acks were served."""

    def note_acks(self, now: int) -> None:
        """Note the acks that have come since the last time, all at this instant."""


class Outlet:
    """Hold the producer of one group, which may be replaced by a new one."""

    def __init__(
        self,
        group: Exposure,
        make: Callable[[], Producer],
        topic: str,
        settings: ProbeSettings,
        schedule: Schedule,
        ledger: Ledger,
        notices: Notices,
        *,
        most_requests: float,
        most_held: int,
        patience: float,
        linger: float,
        clock: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self.group = group
        self.code = EXPOSURES.index(group)
        """The group's code in a record's header."""
        self.topic = topic
        self.run = run_number(settings.run)
        self.pad = padding(settings.size)
        self.schedule = schedule
        self.ledger = ledger
        self.notices = notices
        self.most_requests = most_requests
        """Hand-overs of one lane that may be unacknowledged at a time."""
        self.most_at_once = max(1, REQUEST_BYTES // (settings.size + RECORD_OVERHEAD))
        """Records of one hand-over: they fit into one request."""
        self.most_held = most_held
        """Records that may wait in one lane; as many as librdkafka would queue."""
        self.patience = patience * NANOSECONDS
        """For so long a record may wait before it counts as one that could not be sent: as long
        as librdkafka would try, `delivery.timeout.ms`."""
        self.linger = linger
        """Seconds for which librdkafka lets a record wait for company, `linger.ms`."""
        self.session = 0
        """Rises with each new producer; records carry it."""
        self.fatal = ""
        """Why the producer will never send again, as idempotent ones may end; else nothing."""
        self.clock = clock
        self.acknowledged: list[Acknowledged] = []
        """Those of which acks were served that are yet to be noted."""
        self._make = make
        self.producer = make()
        self._retired: list[Producer] = []

    def slot_of(self, instant: int, phase: int) -> Slot:
        """Return the bucket of a record by the instant and the phase in its header."""
        schedule = self.schedule
        return slot_of(schedule.second_of(instant), schedule.phases[phase], self.group)

    def renew(self) -> None:
        """Go on with a new producer; what the old one had not sent or not acked is unknown.

        The old one reports those records, purged, while it is polled.
        """
        self.producer.purge()
        self._retired.append(self.producer)
        self.session += 1
        self.fatal = ""
        self.producer = self._make()

    @property
    def open_records(self) -> int:
        """Return how many records wait for the end of their send."""
        return len(self.producer)

    def serve(self, seconds: float = 0.0) -> int:
        """Serve delivery reports, waiting up to `seconds` for the first; return how many.

        Below a millisecond librdkafka would not wait at all.
        """
        served = self.producer.poll(seconds)
        if self._retired:
            served += sum(retired.poll(0) for retired in self._retired)
            # A client that has reported all is let go of; librdkafka ends it in the background.
            self._retired = [retired for retired in self._retired if len(retired)]
        self._note_acks()
        return served

    def give_up(self) -> None:
        """Take the records back that were not acknowledged yet: their fate is unknown."""
        for producer in (self.producer, *self._retired):
            producer.purge()
            producer.flush(_PURGE_SECONDS)
        self._note_acks()

    def _note_acks(self) -> None:
        """Note the acks that were just served; their latency ends here."""
        now = self.clock()
        for request in self.acknowledged:
            request.note_acks(now)
        self.acknowledged.clear()
