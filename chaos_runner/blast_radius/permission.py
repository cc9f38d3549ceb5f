"""Hold a blast radius against what the experiment allows: what is left is refused. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from chaos_runner.blast_radius.blast_radius import BlastRadius, TopicHarm
from chaos_runner.experiment.allowance import Allowance
from chaos_runner.fleet.preflight import Problem
from chaos_runner.units import printable

MOST_NAMED = 10
"""Names in one line; a cluster has thousands of topics."""


def forbidden_by(radius: BlastRadius, allowed: Allowance) -> list[Problem]:
    """Return what the faults would do to others that nobody allowed by name."""
    problems = []
    if radius.unknown and not allowed.unknown_blast_radius:
        problems.append(
            Problem(
                f"whom the faults would hurt is not known: {radius.unknown}",
                "mend that (chaos_addresses and kafka.bootstrap_servers name brokers), or write "
                "`allow: {unknown_blast_radius: true}` into the experiment",
            )
        )
    quorum = radius.quorum
    if quorum is not None and quorum.state != "holds" and not allowed.quorum:
        problems.append(
            Problem(
                f"the quorum of the controllers {quorum.state}: {quorum.text}",
                "choose fewer targets, or write `allow: {quorum: true}` into the experiment",
            )
        )
    topics = allowed.not_covered(radius.harmed_topics)
    if topics:
        problems.append(
            Problem(
                f"{len(topics)} topics would go offline or below min.insync.replicas: "
                + listed(topics),
                "choose fewer targets, or name those that may be hurt in the experiment: "
                f"`allow: {{topics: [{topics[0]}]}}`",
            )
        )
    disturbed = [group for group in radius.disturbed_groups if group not in allowed.groups]
    if disturbed:
        problems.append(
            Problem(
                f"the members of {len(disturbed)} consumer groups would be disturbed: "
                + listed(disturbed),
                f"name those that may be in the experiment: `allow: {{groups: [{disturbed[0]}]}}`",
            )
        )
    return problems


def harm_words(topic: TopicHarm) -> str:
    """Return what happens to a topic's partitions: `1 offline, 2 without their leader`."""
    counts = {
        "offline": topic.offline,
        "below min.insync.replicas": topic.under_min_isr,
        "without their leader": topic.lose_leader,
    }
    return ", ".join(f"{count} {what}" for what, count in counts.items() if count) or "a replica"


def listed(names: Sequence[str]) -> str:
    """Return the first ten names, and how many more there are.

    Names of consumer groups are any text, so they are shown as terminals can bear it.
    """
    more = len(names) - MOST_NAMED
    return ", ".join(map(printable, names[:MOST_NAMED])) + (f" and {more} more" if more > 0 else "")
