"""The topic that a probe sends to: one of its own, or one that somebody made beforehand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from confluent_kafka.admin import AdminClient

from chaos_runner.errors import ProbeError
from chaos_runner.kafka.client_config.client_settings import ClientSettings
from chaos_runner.kafka.cluster.connection import Brokers
from chaos_runner.kafka.cluster.exposure import Reach
from chaos_runner.kafka.cluster.placement import place
from chaos_runner.kafka.cluster.rights import lacking
from chaos_runner.kafka.cluster.topic import create_topic, delete_topic, require_deletion, topic_of
from chaos_runner.kafka.common.messages import ProbeSettings
from chaos_runner.kafka.common.notices import Notices
from chaos_runner.kafka.consuming.consumer import consumer_client
from chaos_runner.kafka.probe.existing_topic import ExistingTopic, look_at_topic

DELETE_LIMIT = 10.0
_RIGHTS_LIMIT = 5.0


@contextmanager
def topic_for(
    admin: AdminClient,
    client: ClientSettings,
    settings: ProbeSettings,
    brokers: Brokers,
    reach: Reach,
    limit: float,
    notices: Notices,
) -> Iterator[tuple[str, ExistingTopic]]:
    """Yield the existing topic that is named, else one of the run's own, which goes afterwards.

    Raises ProbeError when it cannot be used, made, or deleted at the end; `limit` in seconds.
    """
    if settings.topic:
        consumer = consumer_client(client, notices, "observer")
        yield settings.topic, look_at_topic(admin, consumer, settings.topic, limit)
        return
    require_deletion(admin, next(iter(brokers)), _RIGHTS_LIMIT)
    placement = place(brokers, reach.brokers)
    name = topic_of(settings.run, settings.topic_prefix)
    with _own_topic(admin, name, placement, limit, notices) as topic:
        if lacking(admin, topic, ("DELETE",), _RIGHTS_LIMIT):
            raise ProbeError(
                f"the probe's user may make the topic {topic}, and may not delete it",
                "allow it Delete on it, or name a topic that was made beforehand: "
                "`probe: {topic: team-a.probe}`",
            )
        yield topic, ExistingTopic(placement, [replicas[0] for replicas in placement], [])


@contextmanager
def _own_topic(
    admin: AdminClient, topic: str, placement: list[list[int]], limit: float, notices: Notices
) -> Iterator[str]:
    create_topic(admin, topic, placement, limit)
    try:
        yield topic
    finally:
        reason = delete_topic(admin, topic, DELETE_LIMIT)
        if reason:
            notices.tell("warning", f"topic {topic} could not be deleted: {reason}")
