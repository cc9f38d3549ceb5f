"""What looks uneasy in how a cluster is laid out. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from chaos_runner.learning.suggestions.suggestion import Suggestion, broker_lost
from chaos_runner.measurements.cluster_layout import ClusterLayout, UneasyTopic

CROWDED = 1.5
"""Times its share that a broker has to lead to be crowded."""
MOST_NAMED = 5
"""Topics that the evidence names."""
_SAFE = {"loss": "0%", "under_min_isr_partitions": 0, "offline_partitions": 0}


@dataclass(frozen=True)
class _Weakness:
    """One way in which a topic promises less than it seems."""

    what: str
    title: str
    applies: Callable[[UneasyTopic], bool]


def _least(topic: UneasyTopic) -> int:
    return topic.min_insync_replicas or 0


_WEAKNESSES = (
    _Weakness(
        "topics with one replica",
        "Topics stay online when one broker is lost",
        lambda topic: topic.replicas == 1,
    ),
    _Weakness(
        "topics that need every replica for acks=all",
        "Topics stay writable when one broker is lost",
        lambda topic: topic.replicas > 1 and _least(topic) >= topic.replicas,
    ),
    _Weakness(
        "topics that acknowledge with one replica in sync",
        "Nothing acknowledged is lost when one broker is lost",
        lambda topic: topic.replicas > 1 and _least(topic) == 1,
    ),
    _Weakness(
        "topics that allow unclean elections",
        "Nothing acknowledged is cut off when one broker is lost",
        lambda topic: topic.unclean_election,
    ),
)


def of_topics(layout: ClusterLayout) -> Iterator[Suggestion]:
    """Yield a suggestion for each weakness that some topics share."""
    for weakness in _WEAKNESSES:
        weak = [topic for topic in layout.uneasy if weakness.applies(topic)]
        if weak:
            evidence = tuple(_topic_words(topic) for topic in weak[:MOST_NAMED])
            more = len(weak) - MOST_NAMED
            rest = (f"and {more} more",) if more > 0 else ()
            why = f"There are {weakness.what}: {', '.join(topic.topic for topic in weak[:20])}"
            experiment = broker_lost(weakness.title, why, _SAFE)
            yield Suggestion(weakness.what, (*evidence, *rest), experiment)


def _topic_words(topic: UneasyTopic) -> str:
    least = topic.min_insync_replicas
    known = f"min.insync.replicas={least}" if least is not None else "min.insync.replicas unknown"
    unclean = ", unclean elections allowed" if topic.unclean_election else ""
    return f"{topic.topic}: replicas {topic.replicas}, {known}{unclean}"


def of_leaders(layout: ClusterLayout) -> Iterator[Suggestion]:
    """Yield a suggestion where one broker leads far more than its share."""
    total = sum(layout.leaders.values())
    if len(layout.leaders) < 2 or not total:
        return
    broker, most = max(layout.leaders.items(), key=lambda each: each[1])
    share = total / len(layout.leaders)
    if most >= CROWDED * share and most - share >= 2:
        yield Suggestion(
            "leaders crowded on one broker",
            (f"broker {broker} leads {most} of {total} partitions, its share is {share:.0f}",),
            broker_lost(
                "Losing the broker with most leaders is ridden out",
                f"Broker {broker} leads {most} of {total} partitions: name its host as the target.",
                {"availability": "90%", "loss": "0%"},
            ),
        )


def of_groups(groups: Sequence[str], judged: frozenset[str]) -> Iterator[Suggestion]:
    """Yield a suggestion where consumer groups are affected and no experiment judges their lag."""
    unjudged = [group for group in groups if group not in judged]
    if unjudged:
        experiment = broker_lost(
            "Consumer groups keep up when one broker is lost",
            "Nobody judged whether these groups keep up.",
            {"loss": "0%", "group_lag": 10_000, "group_status": "WARN"},
        )
        yield Suggestion(
            "consumer groups whose lag no experiment judges",
            tuple(unjudged[:MOST_NAMED]),
            {**experiment, "kafka": {"groups": unjudged[:50]}},
        )
