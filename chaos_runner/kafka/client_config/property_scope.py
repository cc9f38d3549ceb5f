"""Which client a property is for: the producer, the consumer, the admin client, or every one."""

from __future__ import annotations

from enum import Enum


class Client(Enum):
    """Whom a property concerns."""

    BOTH = "both"
    PRODUCER = "producer"
    CONSUMER = "consumer"
    ADMIN = "admin"


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


def addressed(name: str) -> tuple[Client, str]:
    """Return whom a name addresses by a prefix, as in Kafka Connect's files, and the rest of it.

    `producer.acks` is the producer's `acks`; without such a prefix nobody is addressed.
    """
    prefix, dot, rest = name.partition(".")
    for client in (Client.PRODUCER, Client.CONSUMER, Client.ADMIN):
        if dot and prefix == client.value:
            return client, rest
    return Client.BOTH, name
