"""Survey a whole cluster once: `python -m chaos_runner.kafka.survey.survey`, started by `process`.

It asks for every topic, the limits of each, and the consumer groups, and changes nothing.
Settings come as one JSON line on standard input, so that no secret stands in an argument list.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import replace

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from chaos_runner.errors import ProbeError, UsageError
from chaos_runner.kafka.client_config.client_settings import ClientSettings, client_settings
from chaos_runner.kafka.cluster.connection import admin_client, secrets_hidden, words_of
from chaos_runner.kafka.cluster.connectivity import (
    named_reasons,
    resolved,
    split_servers,
    unreachable,
)
from chaos_runner.kafka.cluster.described_settings import topic_settings
from chaos_runner.kafka.cluster.listeners import ports_for_clients
from chaos_runner.kafka.cluster.metadata import take_snapshot
from chaos_runner.kafka.cluster.min_isr import BATCH, MIN_ISR, min_isr_of
from chaos_runner.kafka.cluster.topic import TOPIC_PREFIX
from chaos_runner.kafka.cluster.visibility import sees_all_groups, why_topics_hidden
from chaos_runner.kafka.common.notices import Notices
from chaos_runner.kafka.survey.answer import SURVEY, SURVEY_MEMORY, Survey, SurveySettings
from chaos_runner.kafka.survey.voters import voters_of
from chaos_runner.measurements.cluster_snapshot import Broker, ClusterSnapshot
from chaos_runner.own_process import keep_secrets

METADATA_LIMIT = 10.0
DESCRIBE_LIMIT = 10.0
GROUPS_LIMIT = 10.0
RACKS_LIMIT = 5.0
LISTENERS_LIMIT = 5.0
SIGHT_LIMIT = 5.0
VOTERS_LIMIT = 5.0

_UNCLEAN = "unclean.leader.election.enable"
_GROUPS_HIDDEN = "the probe's user may not describe the cluster: groups of others may be hidden"

_HINT = "`chaos-runner doctor` looks for the reason"


def survey_cluster(settings: SurveySettings) -> ClusterSnapshot:
    """Return a snapshot with limits, groups and addresses, the probe's own topics left out.

    Raises ProbeError when the cluster does not answer; what it does not let us see is missing.
    """
    client = client_settings(settings.bootstrap_servers, settings.client, in_file=settings.in_file)
    with secrets_hidden(client):
        return _surveyed(client)


def _surveyed(client: ClientSettings) -> ClusterSnapshot:
    servers = client.common["bootstrap.servers"]
    _require_some_reachable(servers)
    notices = Notices(lambda _: None, client)
    admin = admin_client(client, notices)
    try:
        snapshot = take_snapshot(admin, METADATA_LIMIT)
    except KafkaException as error:
        admin.poll(0)
        last = f" ({notices.last_error})" if notices.last_error else ""
        raise ProbeError(
            f"{servers} gave no metadata: {words_of(error)}{last}",
            _HINT,
        ) from error
    others = tuple(each for each in snapshot.partitions if not each.topic.startswith(TOPIC_PREFIX))
    described = _described(admin, sorted({each.topic for each in others}))
    groups, hidden = _groups(admin)
    return replace(
        snapshot,
        partitions=others,
        min_insync_replicas=min_isr_of(described),
        unclean_election=frozenset(
            topic for topic, found in described.items() if found.get(_UNCLEAN) == "true"
        ),
        groups=groups,
        brokers=_with_ports(_in_racks(_resolved(snapshot.brokers), admin), admin),
        partial="; ".join(filter(None, (why_topics_hidden(admin, SIGHT_LIMIT), hidden))),
        voters=voters_of(client, VOTERS_LIMIT),
    )


def _require_some_reachable(bootstrap_servers: str) -> None:
    servers = split_servers(bootstrap_servers)
    reasons = unreachable(servers)
    if len(reasons) == len(servers):
        named = named_reasons(reasons)
        raise ProbeError(f"no Kafka bootstrap server can be reached from here ({named})", _HINT)


def _described(admin: AdminClient, topics: list[str]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for start in range(0, len(topics), BATCH):
        batch = topics[start : start + BATCH]
        found |= topic_settings(admin, batch, (MIN_ISR, _UNCLEAN), DESCRIBE_LIMIT)
    return found


def _groups(admin: AdminClient) -> tuple[tuple[str, ...] | None, str]:
    """Return the groups, or None where none can be read, and why others may be missing."""
    try:
        listing = admin.list_consumer_groups(request_timeout=GROUPS_LIMIT).result()
    except KafkaException:
        return None, ""
    if listing.errors and not listing.valid:
        return None, ""
    groups = tuple(sorted({group.group_id for group in listing.valid or []}))
    if sees_all_groups(admin, SIGHT_LIMIT):
        return groups, ""
    return groups or None, _GROUPS_HIDDEN


def _resolved(brokers: Mapping[int, Broker]) -> dict[int, Broker]:
    found = resolved(broker.host for broker in brokers.values())
    return {
        number: replace(broker, addresses=tuple(sorted(found[broker.host])))
        for number, broker in brokers.items()
    }


def _in_racks(brokers: Mapping[int, Broker], admin: AdminClient) -> dict[int, Broker]:
    """Return the brokers with their racks, which only this answer tells; without them else."""
    try:
        nodes = admin.describe_cluster(request_timeout=RACKS_LIMIT).result().nodes
    except KafkaException:
        return dict(brokers)
    racks = {node.id: str(node.rack or "") for node in nodes}
    return {
        number: replace(broker, rack=racks.get(number, "")) for number, broker in brokers.items()
    }


def _with_ports(brokers: Mapping[int, Broker], admin: AdminClient) -> dict[int, Broker]:
    ports = ports_for_clients(admin, brokers, LISTENERS_LIMIT)
    return {
        number: replace(broker, for_clients=ports.get(number, ()))
        for number, broker in brokers.items()
    }


def main() -> None:
    """Read settings, survey, and print the result as one line of JSON."""
    keep_secrets(SURVEY_MEMORY)
    try:
        settings = SurveySettings.model_validate_json(sys.stdin.readline())
        survey = Survey(snapshot=survey_cluster(settings))
    except (ProbeError, UsageError) as error:
        survey = Survey(error=error.message, hint=error.hint)
    print(SURVEY.dump_json(survey).decode(), flush=True)


if __name__ == "__main__":
    main()
    # The client's own shutdown may wait for brokers that will never answer.
    os._exit(0)
