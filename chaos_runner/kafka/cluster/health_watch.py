"""Ask the cluster each second how it is, by one metadata request and without JMX.

What takes longer (limits of topics, the controller, consumer groups) is asked in threads of its
own, and its newest answer is laid beside the metadata. What the probe's own records tell stands
beside all of this: a broker cut off from the controller answers with what it last knew.
"""

from __future__ import annotations

import time
from queue import SimpleQueue

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from chaos_runner.kafka.cluster import active_controller as controller
from chaos_runner.kafka.cluster.active_controller import ControllerWatch
from chaos_runner.kafka.cluster.cluster_health import health_of
from chaos_runner.kafka.cluster.metadata import take_snapshot
from chaos_runner.kafka.cluster.min_isr import MinIsr
from chaos_runner.kafka.consumer_groups import group_watch
from chaos_runner.kafka.consumer_groups.group_watch import GroupWatch
from chaos_runner.measurements.cluster_snapshot import ClusterSnapshot
from chaos_runner.measurements.model import Health
from chaos_runner.threads.periodic import Repeated

POLL_SECONDS = 1.0
ANSWER_LIMIT = 2.0


class HealthPoll:
    """The poll of the cluster's health, in a thread of its own.

    `topic` is the probe's, with so many `partitions`; no answer gives it more. `groups` watches the
    consumer groups to follow; `partial` tells why the user may not see the topics of others, or
    nothing.
    """

    def __init__(
        self,
        admin: AdminClient,
        topic: str,
        partitions: int,
        groups: GroupWatch | None = None,
        partial: str = "",
    ) -> None:
        self._admin = admin
        self._partitions = partitions
        self._partial = partial
        self._topic = topic
        self._answers: SimpleQueue[Health] = SimpleQueue()
        self._before: ClusterSnapshot | None = None
        self._last = Health(
            elapsed=time.monotonic(), brokers=0, under_replicated=0, offline=0, not_preferred=0
        )
        self._min_isr = MinIsr(admin)
        self._controller = ControllerWatch(admin)
        self._groups = groups
        self._threads = [
            Repeated("probe-health", POLL_SECONDS, self._poll),
            Repeated("probe-min-isr", POLL_SECONDS, self._min_isr.refresh),
            Repeated("probe-controller", controller.ASK_EVERY, self._controller.ask),
            *([Repeated("probe-groups", group_watch.ASK_EVERY, groups.ask)] if groups else []),
        ]

    def start(self) -> None:
        """Begin to ask."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Ask the threads to end; requests that are running still take their time."""
        for thread in self._threads:
            thread.stop()

    def take(self) -> list[Health]:
        """Return the answers since the last call; raise what a thread died of."""
        for thread in self._threads:
            thread.check()
        return [self._answers.get() for _ in range(self._answers.qsize())]

    def _poll(self) -> None:
        beside = {
            "partial": self._partial,
            "controller": self._controller.health(),
            "groups": self._groups.health() if self._groups else {},
            "unanswered_groups": self._groups.unanswered() if self._groups else [],
        }
        self._last = self._ask(time.monotonic()).model_copy(update=beside)
        self._answers.put(self._last)
        self._admin.poll(0)

    def _ask(self, began: float) -> Health:
        try:
            snapshot = take_snapshot(self._admin, ANSWER_LIMIT)
        except KafkaException:
            return self._last_known(began)
        self._min_isr.want(partition.topic for partition in snapshot.partitions)
        before, self._before = self._before, snapshot
        return health_of(
            snapshot, before, self._min_isr.known, self._topic, self._partitions, began
        )

    def _last_known(self, began: float) -> Health:
        nothing_new = {"leader_moves": 0, "isr_shrinks": 0, "isr_expands": 0}
        return self._last.model_copy(
            update={"elapsed": began, "answered": False, "answered_by": None, **nothing_new}
        )
