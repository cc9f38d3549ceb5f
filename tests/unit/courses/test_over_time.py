"""What is on at one moment adds up, and the worst moment counts for each."""

from __future__ import annotations

from chaos_runner.blast_radius.blast_radius import BlastRadius, TopicHarm
from chaos_runner.blast_radius.fault_impact import TargetedHosts
from chaos_runner.blast_radius.over_time import moments_of, worst_of
from chaos_runner.blast_radius.quorum import QuorumImpact
from chaos_runner.faults.kinds.network.network_partition import NetworkPartition


def fault(name: str, start: float, end: float) -> TargetedHosts:
    return TargetedHosts(NetworkPartition(), (name,), start=start, end=end)


def sets(*faults: TargetedHosts) -> list[str]:
    return ["".join(each.targets[0] for each in moment) for moment in moments_of(faults)]


def test_faults_that_touch_are_apart_and_those_that_overlap_together() -> None:
    assert sets(fault("a", 0, 30), fault("b", 30, 60)) == ["a", "b"]
    assert sets(fault("a", 0, 31), fault("b", 30, 60)) == ["ab"]
    assert sets(fault("a", 0, 30), fault("b", 20, 50), fault("c", 40, 60)) == ["ab", "bc"]
    assert sets(fault("a", 0, 90), fault("b", 0, 10), fault("c", 20, 30)) == ["ab", "ac"]
    assert sets(fault("a", 0, 30), fault("b", 0, 30)) == ["ab"]
    assert moments_of([]) == [()]


def test_the_worst_of_each_is_kept() -> None:
    first = BlastRadius(
        gone=["kafka-1"],
        quorum=QuorumImpact(state="holds", text="2 of 3"),
        topics=[TopicHarm(topic="a", on_targets=1, under_min_isr=1)],
        groups=["g", "h"],
    )
    second = BlastRadius(
        unknown="nobody tells",
        gone=["kafka-2", "kafka-1"],
        quorum=QuorumImpact(state="breaks", text="1 of 3"),
        topics=[
            TopicHarm(topic="a", on_targets=2, lose_leader=2),
            TopicHarm(topic="b", on_targets=1, offline=1),
        ],
        stuck_groups=["g"],
    )
    worst = worst_of([first, second])
    assert worst.gone == ["kafka-1", "kafka-2"]
    assert worst.unknown == "nobody tells"
    assert worst.quorum == second.quorum
    assert [topic.topic for topic in worst.topics] == ["b", "a"]
    assert worst.topics[1] == TopicHarm(
        topic="a", on_targets=2, lose_leader=2, under_min_isr=1, offline=0
    )
    assert (worst.groups, worst.stuck_groups) == (["h"], ["g"])
