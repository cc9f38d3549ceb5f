"""Learn whether the user sees the whole cluster: metadata leaves out the rest without a word.

A broker that is asked for all topics names those that the user may describe; asked for one by
its name it says when it may not (`handleTopicMetadataRequest` in KafkaApis), whether or not the
topic exists. `describe_topics` never makes a topic.
"""

from __future__ import annotations

from confluent_kafka import KafkaError, KafkaException, TopicCollection
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._acl import AclOperation

from chaos_runner.kafka.cluster.connection import words_of
from chaos_runner.measurements.cluster_snapshot import OFFSETS_TOPIC

_ANY_TOPIC = "0-may-this-user-describe-any-topic"
"""A name that no right is given for but one on all topics."""


def why_topics_hidden(admin: AdminClient, limit: float) -> str:
    """Return why topics of others may be missing from a listing; nothing when none is hidden."""
    asked = admin.describe_topics(
        TopicCollection([OFFSETS_TOPIC, _ANY_TOPIC]), request_timeout=limit
    )
    for topic, future in asked.items():
        try:
            future.result()
        except KafkaException as error:
            match error.args[0].code():
                case KafkaError.UNKNOWN_TOPIC_OR_PART:
                    continue
                case KafkaError.TOPIC_AUTHORIZATION_FAILED:
                    what = OFFSETS_TOPIC if topic == OFFSETS_TOPIC else "every topic"
                    return f"the probe's user may not describe {what}: topics of others are hidden"
            return f"it was not learned whether the user sees all topics: {words_of(error)}"
    return ""


def sees_all_groups(admin: AdminClient, limit: float) -> bool:
    """Tell whether a listing of groups is whole: it takes Describe on the cluster."""
    future = admin.describe_cluster(include_authorized_operations=True, request_timeout=limit)
    try:
        operations = future.result().authorized_operations
    except KafkaException:
        return False
    return AclOperation.DESCRIBE in (operations or ())
