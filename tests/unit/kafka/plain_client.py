"""A plain producer with the probe's schedule, which stamps each delivery report when it comes."""

from __future__ import annotations

import time
from collections.abc import Mapping
from functools import partial
from threading import Event, Thread

from confluent_kafka import KafkaError, Message, Producer

from chaos_runner.kafka.common.notices import silent_logger
from chaos_runner.measurements.schedule import NANOSECONDS, Schedule, slots_together

SIZE = 100


class PlainClient:
    """A client that sends `rate` records a second in turn, does nothing else, and lives apart.

    One thread sends, and one blocks in the client, so that a report is stamped when it comes.
    """

    def __init__(
        self, properties: Mapping[str, str], topic: str, rate: float, partitions: int = 1
    ) -> None:
        self._producer = Producer(dict(properties), logger=silent_logger())
        self._topic = topic
        self._partitions = partitions
        self._rate = rate
        self._stopped = Event()
        self._done = Event()
        self.sent = 0
        self.waits: list[tuple[int, float]] = []
        """For each acknowledged record when it was due, and how many milliseconds it took."""
        self._threads = [Thread(target=work, daemon=True) for work in (self._send, self._serve)]

    def __enter__(self) -> PlainClient:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._threads[0].join()
        self._producer.flush(30)
        self._done.set()
        self._threads[1].join()

    def between(self, start: int, end: int) -> list[float]:
        """Return what the records took that were due from `start` to `end`, sorted."""
        return sorted(wait for due, wait in list(self.waits) if start <= due < end)

    def _send(self) -> None:
        schedule = Schedule(
            time.monotonic_ns(), self._rate, slots_together(self._rate, self._partitions)
        )
        while not self._stopped.is_set():
            due = schedule.due(self.sent)
            left = due - time.monotonic_ns()
            if left > 0:
                time.sleep(left / NANOSECONDS)
            self._producer.produce(
                self._topic,
                bytes(SIZE),
                partition=self.sent % self._partitions,
                on_delivery=partial(self._stamp, due),
            )
            self.sent += 1

    def _serve(self) -> None:
        while not self._done.is_set():
            self._producer.poll(0.1)

    def _stamp(self, due: int, error: KafkaError | None, _: Message) -> None:
        if error is None:
            self.waits.append((due, (time.monotonic_ns() - due) / 1_000_000))
