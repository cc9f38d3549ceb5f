"""Signs in what the cluster reported: leaders, replicas in sync, KRaft controllers."""

from __future__ import annotations

from collections.abc import Callable

from chaos_runner.learning.diagnosis.observed import ObservedRun
from chaos_runner.learning.diagnosis.sign import NOT_THERE, Sign, sign, there, unknown
from chaos_runner.measurements.model import Health
from chaos_runner.report.story.formatting import duration, many, offset

FASTER = 5.0
"""Seconds by which the cluster has to be sooner than its clients to be worth a word."""
CROWDED = 1.5
"""Times its share that a broker has to lead to be crowded."""
LATE = 60.0
"""Seconds after the roll-back for which preferred leaders are late."""


def _first(run: ObservedRun, test: Callable[[Health], bool], words: str) -> Sign:
    """Say when the cluster first reported something since the fault, against what was usual."""
    if not run.since:
        return unknown("how the cluster was since the fault")
    found = next((each for each in run.since if each.answered and test(each)), None)
    if found is None:
        return NOT_THERE
    after = duration(max(0.0, found.elapsed - (run.on or 0.0)))
    return there(f"{words} {after} after the fault ({offset(found.elapsed)} into the run)")


@sign
def leaders_moved(run: ObservedRun) -> Sign:
    """Look whether leaders moved to other brokers."""
    return _first(run, lambda each: each.leader_moves > 0, "leaders moved")


@sign
def replicas_left_sync(run: ObservedRun) -> Sign:
    """Look whether replicas fell out of sync."""
    return _first(run, lambda each: each.isr_shrinks > 0, "replicas fell out of sync")


@sign
def below_min_isr(run: ObservedRun) -> Sign:
    """Look whether partitions had fewer replicas in sync than acks=all needs."""
    usual = max((each.under_min_isr or 0 for each in run.before), default=0)
    words = "partitions were below min.insync.replicas"
    return _first(run, lambda each: (each.under_min_isr or 0) > usual, words)


@sign
def partitions_offline(run: ObservedRun) -> Sign:
    """Look whether partitions had no leader."""
    usual = max((each.offline for each in run.before), default=0)
    return _first(run, lambda each: each.offline > usual, "partitions were without a leader")


@sign
def controller_absent(run: ObservedRun) -> Sign:
    """Look whether no KRaft controller answered."""

    def absent(each: Health) -> bool:
        found = each.controller
        return found is not None and found.is_fresh and not found.active

    return _first(run, absent, "no KRaft controller answered")


@sign
def cluster_faster_than_clients(run: ObservedRun) -> Sign:
    """Look whether the cluster had failed over long before its clients had."""
    clients = run.story.clients
    if clients is None or clients.cluster is None or clients.times is None:
        return unknown("how long cluster and clients took to fail over")
    cluster, seen = clients.cluster.failover, clients.times.failover
    if cluster.seconds is None or cluster.censored or seen.seconds is None:
        return NOT_THERE
    if seen.seconds < cluster.seconds + FASTER:
        return NOT_THERE
    more = "more than " if seen.censored else ""
    return there(
        f"the cluster had failed over after {duration(cluster.seconds)}, its clients after "
        f"{more}{duration(seen.seconds)}"
    )


@sign
def preferred_leaders_late(run: ObservedRun) -> Sign:
    """Look whether preferred leaders led again long after the roll-back, or not at all."""
    cluster = run.story.clients.cluster if run.story.clients else None
    if cluster is None:
        return unknown("when preferred leaders led again")
    time = cluster.preferred
    if time.seconds is None or (time.seconds < LATE and not time.censored):
        return NOT_THERE
    more = "not yet " if time.censored else ""
    return there(f"preferred leaders led {more}again {duration(time.seconds)} after the roll-back")


@sign
def leaders_crowded(run: ObservedRun) -> Sign:
    """Look whether one broker led far more than its share when the plan was made."""
    leaders = run.layout.leaders if run.layout else None
    if not leaders or len(leaders) < 2 or not sum(leaders.values()):
        return unknown("who led how many partitions")
    broker, most = max(leaders.items(), key=lambda each: each[1])
    share = sum(leaders.values()) / len(leaders)
    if most < CROWDED * share or most - share < 2:
        return NOT_THERE
    whole = many(sum(leaders.values()), "partition")
    return there(f"broker {broker} led {most} of {whole} on {len(leaders)} brokers")
