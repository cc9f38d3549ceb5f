"""Signs in the settings of clients, topic and brokers, and in times that they explain."""

from __future__ import annotations

from chaos_runner.learning.diagnosis.observed import ObservedRun
from chaos_runner.learning.diagnosis.sign import NOT_THERE, Sign, sign, there, unknown
from chaos_runner.learning.diagnosis.signs_of_records import near, outage_seconds

_MIN_ISR = "min.insync.replicas"
_SOCKET_TIMEOUT = 60_000
_DELIVERY_TIMEOUT = 300_000
"""Milliseconds; librdkafka's defaults of `socket.timeout.ms` and `delivery.timeout.ms`."""
_SESSION_TIMEOUT = 9_000
_LAG_TIME = 30_000
"""Milliseconds; Kafka's defaults of `broker.session.timeout.ms` and `replica.lag.time.max.ms`."""
_TRUE = ("true", "1", "yes")


@sign
def acks_not_all(run: ObservedRun) -> Sign:
    """Look whether the producer does not wait for the replicas in sync."""
    acks = run.client("acks") or run.client("request.required.acks")
    if acks is None:
        return unknown("which acks the producer asked for")
    return there(f"the producer has acks={acks}") if acks in ("0", "1") else NOT_THERE


@sign
def acks_all(run: ObservedRun) -> Sign:
    """Look whether the producer waits for the replicas in sync."""
    acks = run.client("acks") or run.client("request.required.acks")
    if acks is None:
        return unknown("which acks the producer asked for")
    return there(f"the producer has acks={acks}") if acks in ("all", "-1") else NOT_THERE


@sign
def not_idempotent(run: ObservedRun) -> Sign:
    """Look whether the producer is not idempotent."""
    value = run.client("enable.idempotence")
    if run.probe is None:
        return unknown("whether the producer is idempotent")
    if value is not None and value.lower() in _TRUE:
        return NOT_THERE
    return there(f"the producer has enable.idempotence={value or 'false'}")


@sign
def single_replica(run: ObservedRun) -> Sign:
    """Look whether a partition of the topic has one replica."""
    if run.replicas is None:
        return unknown("how many replicas the topic has")
    return there("a partition of the topic has one replica") if run.replicas == 1 else NOT_THERE


def _min_isr(run: ObservedRun) -> int | None:
    text = run.topic(_MIN_ISR)
    return int(text) if text and text.isdecimal() else None


@sign
def min_isr_one(run: ObservedRun) -> Sign:
    """Look whether one replica in sync is enough, of several."""
    least = _min_isr(run)
    if least is None or run.replicas is None:
        return unknown(f"the topic's {_MIN_ISR}")
    if least != 1 or run.replicas < 2:
        return NOT_THERE
    return there(f"the topic has {_MIN_ISR}=1 and {run.replicas} replicas")


@sign
def min_isr_equals_replicas(run: ObservedRun) -> Sign:
    """Look whether every replica has to be in sync, of several."""
    least = _min_isr(run)
    if least is None or run.replicas is None:
        return unknown(f"the topic's {_MIN_ISR}")
    if least < run.replicas or run.replicas < 2:
        return NOT_THERE
    return there(f"the topic has {_MIN_ISR}={least} and {run.replicas} replicas")


@sign
def unclean_election_allowed(run: ObservedRun) -> Sign:
    """Look whether a replica that is not in sync may become leader."""
    name = "unclean.leader.election.enable"
    value = run.topic(name) or run.broker(name)
    if value is None:
        return unknown(name)
    return there(f"the topic has {name}=true") if value.lower() in _TRUE else NOT_THERE


def _seconds(text: str | None, default: int) -> float:
    return (int(text) if text and text.isdecimal() and len(text) < 15 else default) / 1000


@sign
def client_timeout_fits(run: ObservedRun) -> Sign:
    """Look whether the longest outage is as long as the clients' request timeout."""
    outage = outage_seconds(run)
    if run.probe is None or outage is None:
        return NOT_THERE
    name = "socket.timeout.ms"
    return near(outage, _seconds(run.client(name), _SOCKET_TIMEOUT), f"{name}")


@sign
def session_timeout_fits(run: ObservedRun) -> Sign:
    """Look whether the cluster took as long to fail over as a broker's session lasts."""
    cluster = run.story.clients.cluster if run.story.clients else None
    if cluster is None or cluster.failover.seconds is None:
        return NOT_THERE
    name = "broker.session.timeout.ms"
    setting = _seconds(run.broker(name), _SESSION_TIMEOUT)
    return near(cluster.failover.seconds, setting, f"{name}")


@sign
def lag_time_fits(run: ObservedRun) -> Sign:
    """Look whether the longest outage is as long as a slow follower stays in sync."""
    outage = outage_seconds(run)
    if outage is None:
        return NOT_THERE
    name = "replica.lag.time.max.ms"
    return near(outage, _seconds(run.broker(name), _LAG_TIME), f"{name}")


@sign
def delivery_timeout_fits(run: ObservedRun) -> Sign:
    """Look whether the longest outage is longer than the producer waits."""
    outage = outage_seconds(run)
    if run.probe is None or outage is None:
        return NOT_THERE
    waits = _seconds(run.client("delivery.timeout.ms"), _DELIVERY_TIMEOUT)
    if outage < waits:
        return NOT_THERE
    return there(f"the longest outage of {outage:.0f} s is longer than delivery.timeout.ms")
