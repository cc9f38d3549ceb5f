"""What looks uneasy in how a cluster lies in its racks. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from chaos_runner.learning.suggestions.of_the_cluster import CROWDED, MOST_NAMED
from chaos_runner.learning.suggestions.suggestion import Suggestion, rack_lost
from chaos_runner.measurements.cluster_layout import ClusterLayout

_FEWEST_VOTERS = 3
"""With fewer the quorum lasts no loss at all, wherever they are."""


def of_racks(layout: ClusterLayout) -> Iterator[Suggestion]:
    """Yield a suggestion for each thing of which one rack has too much; none without racks."""
    if len(set(layout.racks.values())) > 1:
        yield from _leaders(layout)
        yield from _voters(layout)
        yield from _replicas(layout)


def _leaders(layout: ClusterLayout) -> Iterator[Suggestion]:
    """Compare each rack's leaders with the share of its brokers: racks may differ in size."""
    led: Counter[str] = Counter()
    brokers = Counter(layout.racks.values())
    for broker, rack in layout.racks.items():
        led[rack] += layout.leaders.get(broker, 0)
    total = led.total()
    shares = {rack: total * count / brokers.total() for rack, count in brokers.items()}
    rack = max(sorted(shares), key=lambda each: led[each] - shares[each])
    if led[rack] >= CROWDED * shares[rack] and led[rack] - shares[rack] >= 2:
        yield Suggestion(
            "leaders crowded in one rack",
            (
                f"the brokers of rack {rack} lead {led[rack]} of {total} partitions, "
                f"their share is {shares[rack]:.0f}",
            ),
            rack_lost(
                "Losing the rack with most leaders is ridden out",
                f"The brokers of rack {rack} lead {led[rack]} of {total} partitions.",
                rack,
                {"availability": "90%", "loss": "0%"},
            ),
        )


def _voters(layout: ClusterLayout) -> Iterator[Suggestion]:
    """Look for a rack without which the rest is no majority."""
    voters = len(layout.voters)
    rack, inside = Counter(layout.voters.values()).most_common(1)[0] if voters else ("", 0)
    if voters >= _FEWEST_VOTERS and voters - inside < voters // 2 + 1:
        named = ", ".join(sorted(each for each, of in layout.voters.items() if of == rack))
        yield Suggestion(
            "controllers crowded in one rack",
            (f"rack {rack} has {inside} of {voters} controllers: {named}",),
            rack_lost(
                "The cluster is led on without its fullest rack",
                f"Rack {rack} has {inside} of {voters} controllers; the others are no majority.",
                rack,
                {"loss": "0%", "controller": "active"},
            ),
        )


def _replicas(layout: ClusterLayout) -> Iterator[Suggestion]:
    """Look for topics of which one rack has every replica of a partition."""
    names = ", ".join(list(layout.in_one_rack)[:20])
    topics = [f"{topic}: rack {rack}" for topic, rack in layout.in_one_rack.items()]
    if not topics:
        return
    rack = Counter(layout.in_one_rack.values()).most_common(1)[0][0]
    more = len(topics) - MOST_NAMED
    yield Suggestion(
        "topics with all replicas of a partition in one rack",
        (*topics[:MOST_NAMED], *((f"and {more} more",) if more > 0 else ())),
        rack_lost(
            "Topics stay online when one rack is lost",
            f"All replicas of a partition lie in one rack: {names}",
            rack,
            {"loss": "0%", "offline_partitions": 0},
        ),
    )
