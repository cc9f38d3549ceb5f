"""The settings of topics and brokers that explain what a fault does, as far as they may be read."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._config import ConfigResource
from confluent_kafka.admin._resource import ResourceType

_INTEGER = re.compile("[0-9]{1,10}", re.ASCII)

TELLING = (
    "min.insync.replicas",
    "unclean.leader.election.enable",
    "replica.lag.time.max.ms",
    "broker.session.timeout.ms",
    "auto.leader.rebalance.enable",
    "leader.imbalance.check.interval.seconds",
    "controlled.shutdown.enable",
    "default.replication.factor",
    "retention.ms",
)
"""What a diagnosis asks for; none of them is a secret."""
_LISTENERS = (
    "advertised.listeners",
    "listeners",
    "inter.broker.listener.name",
    "security.inter.broker.protocol",
    "controller.listener.names",
)


def topic_settings(
    admin: AdminClient, topics: Iterable[str], names: Collection[str], limit: float
) -> dict[str, dict[str, str]]:
    """Return the effective settings of those topics that may be described, by topic."""
    return _described(admin, ResourceType.TOPIC, topics, names, limit)


def whole_number(value: str | None) -> int | None:
    """Return a setting that is to be a number of Kafka's; None for what is none."""
    return int(value) if value is not None and _INTEGER.fullmatch(value) else None


def broker_settings(admin: AdminClient, broker: int, limit: float) -> dict[str, str]:
    """Return the telling settings of one broker; none where they may not be read."""
    described = _described(admin, ResourceType.BROKER, [str(broker)], TELLING, limit)
    return described.get(str(broker), {})


def listener_settings(admin: AdminClient, broker: int, limit: float) -> dict[str, str]:
    """Return what one broker says of its listeners; nothing where it may not be read."""
    described = _described(admin, ResourceType.BROKER, [str(broker)], _LISTENERS, limit)
    return described.get(str(broker), {})


def _described(
    admin: AdminClient,
    kind: ResourceType,
    wanted: Iterable[str],
    names: Collection[str],
    limit: float,
) -> dict[str, dict[str, str]]:
    resources = [ConfigResource(kind, name) for name in wanted]
    if not resources:
        return {}
    found: dict[str, dict[str, str]] = {}
    for resource, future in admin.describe_configs(resources, request_timeout=limit).items():
        try:
            entries = future.result()
        except KafkaException:
            continue  # deleted meanwhile, not permitted, or no answer: it stays unknown
        found[resource.name] = {
            name: str(entries[name].value)
            for name in names
            if name in entries and entries[name].value is not None
        }
    return found
