"""The client profiles: what the probe's clients are before the user sets anything.

`tuned` measures the cluster and not the client's patience. With librdkafka's own defaults a
client is blind for a minute after its broker's packets are dropped: 61 s without an ack at
`socket.timeout.ms=60000`, 6 s at 6000, for the same two seconds that the cluster took to elect
another leader. `defaults` measures just that: what an application gets that sets nothing.

Imports no Kafka client, so that an experiment can name a profile.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Properties = dict[str, str]
ProfileName = Literal["tuned", "defaults"]

CLIENT_ID = "chaos-runner-probe"

_ACCOUNT: Properties = {
    # No group to rebalance, nothing skipped silently: the reader reads every offset or says so.
    "group.id": CLIENT_ID,
    "enable.auto.commit": "false",
    "enable.auto.offset.store": "false",
    "auto.offset.reset": "error",
}
_QUEUE_SECONDS = 180
"""The tuned producer's queue holds an outage as long as delivery.timeout.ms, and some more."""
_DEFAULT_QUEUE = 100_000
"""Librdkafka's own; the probe reads it to know how many records may wait."""


@dataclass(frozen=True)
class Profile:
    """The properties that each client of one profile starts from."""

    common: Properties
    producer: Properties
    consumer: Properties


def profile_of(name: ProfileName, rate: float) -> Profile:
    """Return a profile for a rate in records a second."""
    return _tuned(rate) if name == "tuned" else _defaults()


def _tuned(rate: float) -> Profile:
    return Profile(
        common={
            "client.id": CLIENT_ID,
            "socket.timeout.ms": "6000",
            "socket.connection.setup.timeout.ms": "3000",
            "socket.keepalive.enable": "true",
            "topic.metadata.refresh.interval.ms": "2000",
            "reconnect.backoff.max.ms": "1000",
            "retry.backoff.max.ms": "500",
        },
        producer={
            "acks": "all",
            "enable.idempotence": "true",
            "delivery.timeout.ms": "120000",
            # With 0 the first of what is handed over together may go alone, and the others wait in
            # librdkafka's queue for its ack, where its thread polls without a pause.
            "linger.ms": "1",
            "queue.buffering.max.messages": str(max(_DEFAULT_QUEUE, int(rate * _QUEUE_SECONDS))),
        },
        consumer={
            **_ACCOUNT,
            "isolation.level": "read_uncommitted",
            "check.crcs": "true",
            "fetch.wait.max.ms": "50",
            "fetch.queue.backoff.ms": "10",
            "fetch.error.backoff.ms": "50",
        },
    )


def _defaults() -> Profile:
    """Return librdkafka's defaults; those that the probe itself reads are written out."""
    return Profile(
        common={"client.id": CLIENT_ID},
        producer={
            "acks": "all",
            "enable.idempotence": "false",
            "queue.buffering.max.messages": str(_DEFAULT_QUEUE),
        },
        consumer=dict(_ACCOUNT),
    )
