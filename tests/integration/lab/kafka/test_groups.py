"""Consumer groups of the lab's real Kafka, and their coordinators, which move."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest
from confluent_kafka import Consumer, ElectionType, KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._metadata import PartitionMetadata

from chaos_runner.kafka.common.notices import silent_logger
from chaos_runner.kafka.consumer_groups.group_watch import GroupWatch
from chaos_runner.measurements.cluster_snapshot import OFFSETS_TOPIC, coordinating_partition
from chaos_runner.measurements.model import GroupHealth
from tests.integration.lab.kafka.conftest import Rig
from tests.integration.lab.kafka.waiting import START_LIMIT
from tests.waiting import wait_until

LIMIT = 300.0
PACE = 5
"""How much faster the watch's clock runs, which asks for members only now and then."""
NOTHING = GroupHealth(status="OK", lag=-1, age=0)
NOT_YET = {
    KafkaError.NOT_COORDINATOR,
    KafkaError.COORDINATOR_NOT_AVAILABLE,
    KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
    KafkaError.UNKNOWN_TOPIC_OR_PART,
}
"""What a broker says while a group's coordinator moves, as after a test that took a broker away,
and of a topic that it has not heard of yet."""


class Group:
    """A consumer group that its one member commits for by hand."""

    def __init__(self, servers: str, topic: str) -> None:
        self.name = f"{topic}-group"
        self._topic = topic
        self._servers = servers
        self._member = self._client()

    def join(self) -> None:
        """Become a group with a member."""
        self._member = self._client()
        self._member.subscribe([self._topic])
        until(lambda: self._member.poll(1) is not None, "the member gets the partition to read")

    def leave(self) -> None:
        """Become a group without members."""
        self._member.close()

    def commit(self, offset: int) -> None:
        """Commit an offset, as soon as there is a coordinator that takes it."""
        offsets = [TopicPartition(self._topic, 0, offset)]
        once_coordinated(lambda: self._member.commit(offsets=offsets, asynchronous=False))

    def delete(self) -> None:
        """Delete the group, as soon as there is a coordinator that does it."""
        self.leave()
        once_coordinated(self._delete)

    def coordination(self) -> PartitionMetadata:
        """Return the partition whose leader coordinates this group."""
        partitions = self._admin().list_topics(OFFSETS_TOPIC, timeout=60).topics[OFFSETS_TOPIC]
        number = coordinating_partition(self.name, len(partitions.partitions))
        return partitions.partitions[number]

    def lead_home(self) -> bool:
        """Let the preferred replica coordinate; tell whether it does."""
        place = self.coordination()
        wanted = [TopicPartition(OFFSETS_TOPIC, place.id)]
        admin = self._admin()
        admin.elect_leaders(ElectionType.PREFERRED, wanted).result()
        return bool(place.leader == place.replicas[0])

    def _delete(self) -> None:
        admin = self._admin()
        admin.delete_consumer_groups([self.name])[self.name].result(120)

    def _client(self) -> Consumer:
        return Consumer(
            {
                "bootstrap.servers": self._servers,
                "group.id": self.name,
                "enable.auto.commit": False,
                "auto.offset.reset": "earliest",
            },
            logger=silent_logger(),
        )

    def _admin(self) -> AdminClient:
        """Return a new client: one that knows a coordinator asks no other while that one lives."""
        return AdminClient({"bootstrap.servers": self._servers}, logger=silent_logger())


def once_coordinated(act: Callable[[], object]) -> None:
    """Repeat what a group's coordinator must do until there is one; pass on any other error."""

    def is_done() -> bool:
        try:
            act()
        except KafkaException as error:
            if error.args[0].code() not in NOT_YET:
                raise
            return False
        return True

    until(is_done, "the group has a coordinator")


def until(condition: Callable[[], bool], what: str) -> None:
    wait_until(condition, what, LIMIT)


@pytest.fixture
def group(topic: str, servers: str) -> Iterator[Group]:
    group = Group(servers, topic)
    yield group
    group.delete()


@pytest.fixture
def ask(servers: str, group: Group) -> Callable[[], GroupHealth]:
    """Return a function that asks once more for the group's health and tells the newest."""
    watch = GroupWatch(
        AdminClient({"bootstrap.servers": servers}, logger=silent_logger()),
        lambda name: Consumer(
            {"bootstrap.servers": servers, "group.id": name}, logger=silent_logger()
        ),
        [group.name],
        pytest.fail,
        clock=lambda: PACE * time.monotonic(),
    )

    def ask() -> GroupHealth:
        watch.ask()
        return watch.health().get(group.name, NOTHING)

    return ask


@pytest.fixture
def kill(
    brokers: dict[str, str], on_host: Callable[..., str], servers: str
) -> Iterator[Callable[[int], None]]:
    """Return a function that kills a broker, given its id; after the test all are back."""

    def kill(broker: int) -> None:
        on_host(list(brokers)[broker - 1], "sudo systemctl kill --signal=KILL kafka")

    yield kill
    admin = AdminClient({"bootstrap.servers": servers}, logger=silent_logger())
    until(lambda: len(admin.list_topics(timeout=60).brokers) == len(brokers), "all are back")


def test_the_lag_of_a_group(group: Group, ask: Callable[[], GroupHealth]) -> None:
    group.commit(4)
    until(lambda: ask().lag == 6, "ten records less four")


def test_a_group_is_followed_to_another_coordinator_and_back(
    group: Group,
    ask: Callable[[], GroupHealth],
    kill: Callable[[int], None],
) -> None:
    """Back is the harder way: the broker that served meanwhile lives, and answers, and refuses."""
    until(group.lead_home, "the preferred replica leads")
    group.join()
    group.commit(1)
    until(lambda: ask().lag == 9, "by the coordinator that the group has at first")
    home = group.coordination().leader
    kill(home)
    until(lambda: group.coordination().leader not in {home, -1}, "another broker leads")
    group.commit(2)
    until(lambda: ask().lag == 8, "by the coordinator that took over")
    group.leave()
    until(lambda: ask().status == "STOP", "that one knows of no member")
    until(group.lead_home, "the preferred replica leads again")
    group.join()
    group.commit(3)
    until(lambda: ask().lag == 7, "by the first coordinator again")
    until(lambda: ask().status == "STALL", "this one knows the member")


@pytest.mark.whole  # the one before follows a group to another coordinator and back
def test_a_probe_goes_on_to_tell_of_a_group_whose_coordinator_falls(
    group: Group, new_rig: Callable[..., Rig], kill: Callable[[int], None]
) -> None:
    group.commit(4)
    rig = new_rig(groups=[group.name])
    rig.probe.start(timeout=START_LIMIT)

    def told_lag() -> int:
        return rig.heard.health[-1].groups.get(group.name, NOTHING).lag if rig.heard.health else -1

    rig.wait_until(lambda: told_lag() == 6, "the probe tells the lag", LIMIT)
    kill(group.coordination().leader)
    group.commit(5)
    rig.wait_until(
        lambda: told_lag() == 5, "the lag is told after the fall of the coordinator", LIMIT
    )
