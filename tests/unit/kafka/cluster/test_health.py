"""The health of a cluster: one metadata answer, what changed since the last, what is unknown."""

from __future__ import annotations

from confluent_kafka import KafkaError
from confluent_kafka.admin._metadata import (
    BrokerMetadata,
    ClusterMetadata,
    PartitionMetadata,
    TopicMetadata,
)
from hypothesis import given
from hypothesis import strategies as st

from chaos_runner.kafka.cluster.active_controller import came_from_controller
from chaos_runner.kafka.cluster.cluster_health import (
    changes_between,
    count_under_min_isr,
    health_of,
)
from chaos_runner.kafka.cluster.metadata import snapshot_of
from chaos_runner.measurements.cluster_snapshot import ClusterSnapshot, Partition
from chaos_runner.measurements.model import Health


def partition(leader: int, replicas: list[int], in_sync: list[int]) -> PartitionMetadata:
    about = PartitionMetadata()
    about.leader, about.replicas, about.isrs = leader, replicas, in_sync
    return about


def topic(*partitions: PartitionMetadata) -> TopicMetadata:
    about = TopicMetadata()
    about.partitions = dict(enumerate(partitions))
    return about


def cluster(brokers: int, **topics: TopicMetadata) -> ClusterMetadata:
    about = ClusterMetadata()
    about.brokers = {number: BrokerMetadata() for number in range(brokers)}
    about.topics = topics
    about.orig_broker_id = 2
    return about


def health(
    now: ClusterMetadata, before: ClusterMetadata | None = None, **min_insync_replicas: int
) -> Health:
    earlier = None if before is None else snapshot_of(before)
    return health_of(snapshot_of(now), earlier, min_insync_replicas, "probe", 2, elapsed=7.5)


def test_every_topic_counts_and_in_sync_replicas_have_no_order() -> None:
    found = health(
        cluster(
            3,
            probe=topic(partition(1, [1, 2, 3], [3, 1, 2]), partition(3, [2, 3, 1], [3, 1])),
            other=topic(partition(-1, [2], [])),
        ),
        probe=2,
        other=1,
    )
    assert (found.brokers, found.broker_ids, found.answered_by) == (3, [0, 1, 2], 2)
    assert (found.under_replicated, found.under_min_isr, found.offline) == (2, 1, 1)
    assert found.not_preferred == 1
    assert found.leaders == {"0": 1, "1": 3}
    assert found.elapsed == 7.5


def test_partitions_that_the_probe_does_not_have_are_not_told() -> None:
    many = cluster(3, probe=topic(*[partition(1, [1], [1])] * 100_000))
    assert health(many).leaders == {"0": 1, "1": 1}


def test_a_topic_that_is_gone_has_no_leaders() -> None:
    assert health(cluster(3)).leaders == {}


def test_changes_are_counted_on_partitions_that_both_answers_hold() -> None:
    before = cluster(
        3,
        probe=topic(partition(1, [1, 2, 3], [1, 2, 3]), partition(2, [2, 3, 1], [2])),
        gone=topic(partition(1, [1], [1])),
    )
    after = cluster(
        3,
        probe=topic(partition(2, [1, 2, 3], [2, 3]), partition(2, [2, 3, 1], [3, 2])),
        new=topic(partition(2, [2], [2])),
    )
    found = health(after, before)
    assert (found.leader_moves, found.isr_shrinks, found.isr_expands) == (1, 1, 1)


def test_a_lost_leader_is_offline_and_not_a_move() -> None:
    led, lost = topic(partition(1, [1, 2], [1])), topic(partition(-1, [1, 2], [1]))
    found = health(cluster(2, probe=lost), cluster(2, probe=led))
    assert (found.offline, found.leader_moves) == (1, 0)
    assert health(cluster(2, probe=led)).leader_moves == 0


def test_no_partition_needs_more_replicas_than_it_has() -> None:
    single = topic(partition(1, [1], [1]))
    assert health(cluster(2, probe=single), probe=2).under_min_isr == 0


def test_an_unknown_limit_leaves_open_only_what_it_could_change() -> None:
    whole, short = partition(1, [1, 2, 3], [1, 2, 3]), partition(1, [1, 2, 3], [1])
    assert health(cluster(3, other=topic(whole))).under_min_isr == 0
    assert health(cluster(3, other=topic(whole, short))).under_min_isr is None
    assert health(cluster(3, other=topic(short), known=topic(short)), known=2).under_min_isr == 1


def test_a_refusal_of_the_controller_proves_that_it_is_there() -> None:
    for code in (
        KafkaError.TOPIC_ALREADY_EXISTS,
        KafkaError.POLICY_VIOLATION,
        KafkaError.INVALID_REPLICATION_FACTOR,
        KafkaError.TOPIC_AUTHORIZATION_FAILED,
    ):
        assert came_from_controller(KafkaError(code))
    for code in (
        KafkaError._TIMED_OUT,
        KafkaError._TRANSPORT,
        KafkaError.REQUEST_TIMED_OUT,
        KafkaError.NOT_CONTROLLER,
    ):
        assert not came_from_controller(KafkaError(code))


def test_a_journal_of_an_earlier_version_is_still_read() -> None:
    old = {"elapsed": 1, "brokers": 3, "under_replicated": 0, "offline": 0, "not_preferred": 0}
    read = Health.model_validate(old)
    assert (read.under_min_isr, read.controller, read.groups) == (None, None, {})


BROKERS = range(1, 5)


@st.composite
def partitions(draw: st.DrawFn) -> list[Partition]:
    found = []
    for number in range(draw(st.integers(0, 6))):
        replicas = draw(st.lists(st.sampled_from(BROKERS), min_size=1, max_size=3, unique=True))
        in_sync = draw(st.lists(st.sampled_from(replicas), unique=True))
        leader = draw(st.sampled_from([-1, *in_sync]))
        name = draw(st.sampled_from(["a", "b"]))
        found.append(Partition(name, number, leader, tuple(replicas), tuple(in_sync)))
    return found


@given(partitions(), st.dictionaries(st.sampled_from(["a", "b"]), st.integers(1, 4)))
def test_the_count_lies_between_what_unknown_limits_could_make_of_it(
    found: list[Partition], least: dict[str, int]
) -> None:
    fewest = count_under_min_isr(found, {"a": 1, "b": 1, **least})
    most = count_under_min_isr(found, {"a": 9, "b": 9, **least})
    count = count_under_min_isr(found, least)
    assert fewest is not None
    assert most is not None
    if count is None:
        assert most > 0
    else:
        assert fewest <= count <= most


@given(partitions(), partitions())
def test_changes_run_backwards_as_well(one: list[Partition], other: list[Partition]) -> None:
    first, second = (ClusterSnapshot({}, tuple(found)) for found in (one, other))
    forth, back = changes_between(first, second), changes_between(second, first)
    assert (forth.isr_shrinks, forth.isr_expands) == (back.isr_expands, back.isr_shrinks)
    assert changes_between(first, first).isr_shrinks == 0
