"""Which of a broker's ports are for clients alone: at those a fault lies between no two brokers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor

from confluent_kafka.admin import AdminClient

from chaos_runner.kafka.cluster.described_settings import listener_settings

MOST_ASKED = 50
"""Brokers that are asked, each over a connection of its own; of the others it is not known."""
_LISTENER = re.compile(r"\s*([A-Za-z0-9_.-]+)://.*:(\d{1,5})\s*")


def ports_for_clients(
    admin: AdminClient, brokers: Iterable[int], limit: float
) -> dict[int, tuple[int, ...]]:
    """Return the ports at which clients alone reach each broker, as far as it may be read."""
    asked = list(brokers)[:MOST_ASKED]
    with ThreadPoolExecutor(max(1, len(asked))) as pool:
        told = pool.map(lambda broker: listener_settings(admin, broker, limit), asked)
        return {broker: for_clients(settings) for broker, settings in zip(asked, told, strict=True)}


def for_clients(settings: Mapping[str, str]) -> tuple[int, ...]:
    """Return the ports of the listeners that neither brokers nor controllers use.

    None where the settings do not say by which listener brokers reach each other.
    """
    written = settings.get("advertised.listeners") or settings.get("listeners", "")
    listeners = {
        found[1].upper(): int(found[2])
        for each in written.split(",")
        if (found := _LISTENER.fullmatch(each))
    }
    # As in Kafka's AbstractKafkaConfig the protocol is the name where no name is set.
    between = settings.get("inter.broker.listener.name") or settings.get(
        "security.inter.broker.protocol", ""
    )
    if between.upper() not in listeners:
        return ()
    controllers = settings.get("controller.listener.names", "").upper().split(",")
    taken = {between.upper(), *(name.strip() for name in controllers)}
    used = {port for name, port in listeners.items() if name in taken}
    return tuple(sorted({*listeners.values()} - used))
