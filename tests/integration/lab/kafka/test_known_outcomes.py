"""What must come out is known beforehand, and the log itself says whether the account is right.

In each test one broker is made to misbehave in a way whose result is in no doubt, and a plain
consumer then reads the whole topic.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._config import AlterConfigOpType, ConfigEntry, ConfigResource

from chaos_runner.kafka.common.messages import Finished, Ready
from chaos_runner.measurements.exposure import Exposure
from tests.integration.lab.kafka.conftest import Rig
from tests.integration.lab.kafka.cut import CLIENTS, CONTROLLERS, cut
from tests.integration.lab.kafka.test_probe import BROKER_BACK_LIMIT, WARM_UP_LIMIT
from tests.integration.lab.kafka.waiting import (
    FINISH_LIMIT,
    START_LIMIT,
    end_of,
    partition_state,
)
from tests.integration.lab.kafka.whole_log import WholeLog, named_as_lost, read_whole_log

LED = Exposure.LEADER

FAIL_OVER_LIMIT = 240.0
PATIENCE_MILLISECONDS = 10_000
"""How long a request may take that a busy machine answers late: it must not be sent again."""
AS_LONG_AS_IT_TAKES = str(int(1000 * BROKER_BACK_LIMIT))
"""Milliseconds for a record to be acknowledged, however long a busy machine is without a leader."""
TWO_TIMEOUTS = 500
"""Records of one partition that come due in twice that time, at 25 a second."""
ENOUGH = 40
"""Records that must have suffered before a test goes on, so that its result means something."""

OnHost = Callable[..., str]


@dataclass(frozen=True)
class Target:
    """The broker that a test mistreats, and the partition that it leads."""

    host: str
    peers: tuple[str, ...]
    others: str
    """Bootstrap servers without it: what they say is what the rest of the cluster knows."""
    broker: int
    partition: int
    topic: str

    def leads(self) -> bool:
        """Tell whether the others believe that it leads its partition, or know of no leader."""
        state = partition_state(self.others, self.topic, self.partition)
        return state is None or state.leader in (self.broker, -1)

    def is_alone(self) -> bool:
        """Tell whether no other replica is in sync with it."""
        state = partition_state(self.others, self.topic, self.partition)
        return state is not None and state.isrs == [self.broker]


def target_of(host: str, brokers: dict[str, str], ready: Ready) -> Target:
    peers = tuple(address for name, address in brokers.items() if name != host)
    (broker,) = (
        int(number)
        for number, address in ready.brokers.items()
        if address == f"{brokers[host]}:{CLIENTS}"
    )
    (partition,) = (
        int(number) for number, replicas in ready.placement.items() if replicas[0] == broker
    )
    assert ready.exposure[str(partition)] == LED
    others = ",".join(f"{peer}:{CLIENTS}" for peer in peers)
    return Target(host, peers, others, broker, partition, ready.topic)


@dataclass(frozen=True)
class Started:
    """A probe that has found its cluster stable, and the broker to mistreat."""

    rig: Rig
    target: Target
    ready: Ready

    def end(self, servers: str) -> tuple[Finished, WholeLog]:
        """Wait until all is quiet again, read the whole log, and close the account."""
        self.rig.probe.enter_phase("recovery")
        assert self.rig.probe.wait_until_quiet(BROKER_BACK_LIMIT), self.rig.heard.notices
        partitions = map(int, self.ready.placement)
        log = read_whole_log(servers, self.ready.topic, self.rig.run, partitions)
        return self.rig.probe.finish(limit=FINISH_LIMIT), log


@pytest.fixture
def start(new_rig: Callable[..., Rig], brokers: dict[str, str]) -> Callable[..., Started]:
    def start(host: str, **client: str) -> Started:
        properties = {name.replace("_", "."): value for name, value in client.items()}
        rig = new_rig(targets=[brokers[host]], client=properties)
        ready = rig.probe.start(timeout=START_LIMIT)
        target = target_of(host, brokers, ready)
        assert rig.probe.wait_until_quiet(WARM_UP_LIMIT), rig.heard.notices
        rig.probe.enter_phase("during")
        return Started(rig, target, ready)

    return start


def total(finished: Finished, name: str) -> int:
    return sum(getattr(totals, name) for totals in finished.totals.values())


def test_one_ack_and_a_killed_leader_lose_what_the_log_lacks_and_nothing_else(
    start: Callable[..., Started], on_host: OnHost, servers: str
) -> None:
    started = start("kafka-2", acks="1")
    rig, target = started.rig, started.target
    with cut(on_host, target.host, target.peers, CLIENTS):
        rig.wait_until(
            lambda: rig.heard.group(LED).not_yet_consumed >= ENOUGH,
            "the leader goes on to acknowledge what its followers cannot fetch",
            FAIL_OVER_LIMIT,
        )
        on_host(target.host, "sudo systemctl kill --signal=KILL kafka")
    rig.wait_until(lambda: not target.leads(), "another broker takes over", FAIL_OVER_LIMIT)
    # All that the old leader had acknowledged, and more: the slower the kill, the more it is.
    acked = rig.heard.group(LED).acked
    rig.wait_until(
        lambda: end_of(target.others, target.topic, target.partition) > acked + ENOUGH,
        "the new leader writes on beyond the end of the old one",
        BROKER_BACK_LIMIT,
    )
    finished, log = started.end(servers)

    assert finished.complete, finished.reason
    lost, unknown = total(finished, "lost"), total(finished, "indeterminate")
    assert lost >= ENOUGH
    assert named_as_lost(finished) <= log.missing
    assert lost <= len(log.missing) <= lost + unknown
    assert {record.partition for record in log.missing} == {target.partition}
    assert finished.anomalies.overwritten == lost, "the new leader wrote on where these stood"


@pytest.mark.whole  # test_minority.py cuts the same broker off, by the project's own fault
def test_all_acks_lose_nothing_when_a_broker_is_cut_off_from_the_others(
    start: Callable[..., Started], on_host: OnHost, brokers: dict[str, str], servers: str
) -> None:
    started = start(list(brokers)[-1], acks="all", delivery_timeout_ms=AS_LONG_AS_IT_TAKES)
    rig, target = started.rig, started.target
    with (
        cut(on_host, target.host, target.peers, CLIENTS),
        cut(on_host, target.host, target.peers, CONTROLLERS),
    ):
        rig.wait_until(lambda: not target.leads(), "another broker takes over", FAIL_OVER_LIMIT)
    finished, log = started.end(servers)

    assert finished.complete, finished.reason
    assert total(finished, "lost") == 0
    assert log.missing == set()
    assert len(log.repeated) == total(finished, "duplicates") == 0
    assert total(finished, "consumed") == total(finished, "acked") == total(finished, "scheduled")
    assert [gap.group for gap in finished.outages if gap.group == LED], "it was not even felt"


@pytest.mark.whole  # tests/unit/kafka/test_mock_cluster.py cuts a log off behind its reader
def test_an_unclean_election_shows_as_a_truncation(
    start: Callable[..., Started], on_host: OnHost, brokers: dict[str, str], servers: str
) -> None:
    started = start(list(brokers)[-1], acks="1")
    rig, target = started.rig, started.target
    let(servers, target.topic, {"unclean.leader.election.enable": "true"})
    let(servers, target.topic, {"min.insync.replicas": "1"})
    with cut(on_host, target.host, target.peers, CLIENTS):
        rig.wait_until(target.is_alone, "its followers are out of sync", FAIL_OVER_LIMIT)
        seen = rig.heard.group(LED).consumed
        rig.wait_until(
            lambda: rig.heard.group(LED).consumed > seen + ENOUGH,
            "what the last replica in sync holds alone is consumed",
            FAIL_OVER_LIMIT,
        )
        # Below the limit Kafka shows readers no more of the log, and acknowledges all the same.
        let(servers, target.topic, {"min.insync.replicas": "2"})
        rig.wait_until(
            lambda: rig.heard.group(LED).not_yet_consumed >= ENOUGH,
            "readers see no more of what one replica holds alone",
            FAIL_OVER_LIMIT,
        )
        with cut(on_host, target.host, target.peers, CONTROLLERS):
            rig.wait_until(lambda: not target.leads(), "an unclean election", FAIL_OVER_LIMIT)
    finished, log = started.end(servers)

    anomalies = finished.anomalies
    lost, unknown = total(finished, "lost"), total(finished, "indeterminate")
    assert lost >= ENOUGH
    assert lost == anomalies.overwritten + anomalies.truncated
    assert target.partition in {each.partition for each in anomalies.truncations}
    assert named_as_lost(finished) <= log.missing
    assert {record.partition for record in log.missing} == {target.partition}
    assert anomalies.withdrawn >= ENOUGH, "the reader saw nothing of what was cut off later"
    gone = lost + anomalies.withdrawn
    assert gone <= len(log.missing) <= gone + unknown
    assert not finished.complete
    assert f"{anomalies.withdrawn} records that had been consumed before" in finished.reason
    after = finished.groups[LED]["recovery"]
    assert after.consumed == after.acked - after.lost > 0
    assert anomalies.rebuilt_readers > anomalies.reader_missed == 0, "the reader stayed blind"


def let(servers: str, topic: str, configuration: dict[str, str]) -> None:
    """Change a topic's configuration."""
    entries = [
        ConfigEntry(name, value, incremental_operation=AlterConfigOpType.SET)
        for name, value in configuration.items()
    ]
    resource = ConfigResource(ConfigResource.Type.TOPIC, topic, incremental_configs=entries)
    admin = AdminClient({"bootstrap.servers": servers})
    for done in admin.incremental_alter_configs([resource]).values():
        done.result(120)


@pytest.mark.whole  # tests/unit/kafka/test_mock_cluster.py has records that are written twice
def test_lost_answers_make_duplicates_without_idempotence(
    start: Callable[..., Started], on_host: OnHost, brokers: dict[str, str], servers: str
) -> None:
    host = list(brokers)[-1]
    started = start(host, enable_idempotence="false", socket_timeout_ms=str(PATIENCE_MILLISECONDS))
    rig = started.rig
    with cut(on_host, host, [own_address(brokers[host])], CLIENTS, "out"):
        rig.wait_until(
            lambda: rig.heard.group(LED).pending >= TWO_TIMEOUTS,
            "the answers arrive no more",
            FAIL_OVER_LIMIT,
        )
    finished, log = started.end(servers)

    assert finished.complete, finished.reason
    assert total(finished, "duplicates") == len(log.repeated) > 0
    assert total(finished, "lost") == 0
    assert log.missing == set()
    assert {record.partition for record in log.repeated} == {started.target.partition}


def own_address(peer: str) -> str:
    """Return the address from which this machine reaches a peer."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as unsent:
        unsent.connect((peer, CLIENTS))
        return str(unsent.getsockname()[0])
