"""One group's producer, and what its senders need to send through it.

Each exposure group has a producer of its own. Librdkafka's queue is shared by all partitions of
a client: records for a broker that stands still would fill it, and starve the control group.
A thread blocks in the producer until reports come, and stamps them: polling for them in turns
would wake a thousand times a second, on a machine that brokers may share.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from threading import Event
from typing import TYPE_CHECKING, Protocol

from confluent_kafka import Producer

from chaos_runner.kafka.common.messages import ProbeSettings
from chaos_runner.kafka.common.notices import Notices
from chaos_runner.kafka.ledger.buckets import Slot, slot_of
from chaos_runner.kafka.ledger.ledger import Ledger
from chaos_runner.kafka.ledger.record_header import EXPOSURES, padding, run_number
from chaos_runner.measurements.exposure import Exposure
from chaos_runner.measurements.schedule import NANOSECONDS, Schedule
from chaos_runner.threads.background import Background

if TYPE_CHECKING:
    from chaos_runner.kafka.producing.delivery_batch import Reports

MOST_IN_FLIGHT = 5
"""RD_KAFKA_IDEMP_MAX_INFLIGHT in librdkafka, which it compares with the *records* of a partition
that are in flight (`rktp_msgs_inflight`): with as many of them no further request is sent."""
REQUEST_BYTES = 1_000_000
"""Librdkafka's default `batch.size`: more records than fit go in a further request."""
RECORD_OVERHEAD = 70
"""Bytes that a record costs in a request beside its value, at most."""

_PURGE_SECONDS = 2.0
"""Librdkafka's own threads report purged records; this is ample for the last of them."""
_LINGER_MARGIN = 0.001
"""Seconds before the end of its linger from which on a request may be on its way already."""
_SERVE_SECONDS = 0.1
"""For so long the serving thread blocks at most: it looks that often whether to end."""


class Reported(Protocol):
    """A partition of whose records delivery reports were served."""

    @property
    def partition(self) -> int:
        """Return its number."""

    def take(self) -> Reports:
        """Return the reports since the last time."""


class GroupProducer:
    """The producer of one group, which may be replaced by a new one."""

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
        most_in_flight: float,
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
        self.most_in_flight = most_in_flight
        """With so many records of one sender in flight the producer sends no more of it."""
        self.most_at_once = max(1, REQUEST_BYTES // (settings.size + RECORD_OVERHEAD))
        """Records of one hand-over: they fit into one request."""
        self.most_held = most_held
        """Records that may wait in one sender; as many as librdkafka would queue."""
        self.patience = patience * NANOSECONDS
        """For so long a record may wait before it counts as one that could not be sent: as long
        as librdkafka would try, `delivery.timeout.ms`."""
        self.linger = linger
        """Seconds for which librdkafka lets a record wait for company, `linger.ms`."""
        self.company = max(0, int((linger - _LINGER_MARGIN) * NANOSECONDS))
        """Nanoseconds after a record in which others certainly still go with it."""
        self.session = 0
        """Rises with each new producer; records carry it."""
        self.fatal = ""
        """Why the producer will never send again, as idempotent ones may end; else nothing."""
        self.clock = clock
        self.reported: list[Reported] = []
        """Partitions of which reports are being served."""
        self.on_reports: Callable[[set[int]], object] = bool
        """Called in the serving thread with the partitions of which reports have come."""
        self._served: deque[tuple[int, list[Reports]]] = deque()
        """Reports that are yet to be noted, with the instant at which they came."""
        self._make = make
        self.producer = make()
        self._retiring: deque[Producer] = deque()
        self._retired: list[Producer] = []
        self._stopped = Event()
        self._thread = Background(f"probe-producer-{group}", self._serve_on)

    def start(self) -> None:
        """Begin to serve the producer's reports in a thread of its own."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join()

    def slot_of(self, instant: int, phase: int) -> Slot:
        """Return the bucket of a record by the instant and the phase in its header."""
        schedule = self.schedule
        return slot_of(schedule.second_of(instant), schedule.phases[phase], self.group)

    def renew(self) -> None:
        """Go on with a new producer; what the old one had not sent or not acked is unknown.

        The old one reports those records, purged, while it is polled.
        """
        self.producer.purge()
        self._retiring.append(self.producer)
        self.session += 1
        self.fatal = ""
        self.producer = self._make()

    @property
    def has_reports(self) -> bool:
        """Tell whether reports wait to be noted."""
        return bool(self._served)

    def note_reports(self) -> None:
        """Enter what was served into the ledger; raise what the serving thread died of."""
        self._thread.check()
        partitions = {}
        while self._served:
            now, together = self._served.popleft()
            for reports in together:
                reports.deliveries.add(reports, now)
                partitions[id(reports.deliveries)] = reports.deliveries
        for deliveries in partitions.values():
            deliveries.note()

    def serve(self, seconds: float = 0.0) -> None:
        """Take delivery reports, waiting up to `seconds` for the first; their latency ends here.

        Below a millisecond librdkafka would not wait at all.
        """
        self.producer.poll(seconds)
        while self._retiring:
            self._retired.append(self._retiring.popleft())
        if self._retired:
            for retired in self._retired:
                retired.poll(0)
            # A client that has reported all is let go of; librdkafka ends it in the background.
            self._retired = [retired for retired in self._retired if len(retired)]
        self._keep_reports()

    def give_up(self) -> None:
        """Take the records back that were not acknowledged yet: their fate is unknown."""
        self.stop()
        for producer in (self.producer, *self._retiring, *self._retired):
            producer.purge()
            producer.flush(_PURGE_SECONDS)
        self._keep_reports()
        self.note_reports()

    def _serve_on(self) -> None:
        while not self._stopped.is_set():
            self.serve(_SERVE_SECONDS)

    def _keep_reports(self) -> None:
        if self.reported:
            reported, self.reported = self.reported, []
            now = self.clock()
            self._served.append((now, [deliveries.take() for deliveries in reported]))
            self.on_reports({deliveries.partition for deliveries in reported})
