"""Ask a cluster who votes on its metadata, which librdkafka's admin client has no call for.

kafka-python has (DescribeQuorum, KIP-595). It needs Describe on the cluster; only the active
controller answers, through any broker.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from kafka.errors import KafkaError

from chaos_runner.errors import UsageError
from chaos_runner.kafka.client_config.client_settings import ClientSettings
from chaos_runner.kafka.client_config.kafka_python import admin_client
from chaos_runner.kafka.cluster.connectivity import resolved
from chaos_runner.measurements.cluster_snapshot import Voter
from chaos_runner.shown import shown_line

_SILENT_MILLISECONDS = 10_000
"""A voter asks the active controller for what is new every half second, and calls an election
after two without an answer (`controller.quorum.fetch.timeout.ms`)."""


def voters_of(settings: ClientSettings, limit: float) -> dict[int, Voter]:
    """Return the controllers that vote; none where the cluster does not tell within `limit` s."""
    try:
        admin = admin_client(settings, "who votes is not asked", int(1000 * limit))
        try:
            answer = admin.describe_metadata_quorum()
        finally:
            admin.close()
    except (KafkaError, UsageError, OSError, ValueError):
        return {}  # no KRaft, not permitted, a login that this client lacks, or no answer
    return voters_in(answer)


def voters_in(answer: Mapping[str, Any]) -> dict[int, Voter]:
    """Return the voters of an answer as data of ours, their names resolved."""
    quorums = [each for topic in answer["topics"] for each in topic["partitions"]]
    names = {node["node_id"]: _hosts(node["listeners"]) for node in answer.get("nodes") or ()}
    ports = {
        node["node_id"]: tuple(sorted({int(each["port"]) for each in node["listeners"]}))
        for node in answer.get("nodes") or ()
    }
    found = resolved(name for each in names.values() for name in each)
    voters: dict[int, Voter] = {}
    for quorum in quorums:
        leader, replicas = quorum["leader_id"], quorum["current_voters"]
        now = max(
            (_caught_up(each) for each in replicas if each["replica_id"] == leader), default=-1
        )
        for replica in replicas:
            number = replica["replica_id"]
            known = names.get(number, ())
            voters[number] = Voter(
                tuple(sorted({*known, *(each for name in known for each in found[name])})),
                silent=now >= 0
                and number != leader
                and now - replica.get("last_fetch_timestamp", -1) > _SILENT_MILLISECONDS,
                leads=number == leader,
                ports=ports.get(number, ()),
            )
    return voters


def _hosts(listeners: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    return tuple(sorted({shown_line(str(each["host"])) for each in listeners}))


def _caught_up(replica: Mapping[str, Any]) -> int:
    """Return the leader's own clock where this is the leader; -1 where it is too old to tell."""
    return int(replica.get("last_caught_up_timestamp", -1))
