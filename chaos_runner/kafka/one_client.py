"""Which client a property of librdkafka is for: the producer, the consumer, or every one."""

from __future__ import annotations

from enum import Enum


class Client(Enum):
    """Name whom a property concerns."""

    BOTH = "both"
    PRODUCER = "producer"
    CONSUMER = "consumer"


_PREFIXES = {
    Client.PRODUCER: (
        "acks",
        "batch.",
        "compression.",
        "delivery.",
        "enable.gapless",
        "enable.idempotence",
        "linger.",
        "max.in.flight",
        "message.max.bytes",
        "queue.buffering.",
        "request.timeout.",
        "retries",
        "sticky.",
    ),
    Client.CONSUMER: (
        "auto.",
        "check.crcs",
        "consume.",
        "enable.auto.",
        "enable.partition.eof",
        "fetch.",
        "group.",
        "isolation.",
        "max.partition.fetch.",
        "offset.store.",
        "queued.",
    ),
}


def client_of(name: str) -> Client:
    """Return whom a property concerns; what is the producer's alone would worry the others."""
    return next(
        (client for client, prefixes in _PREFIXES.items() if name.startswith(prefixes)),
        Client.BOTH,
    )
