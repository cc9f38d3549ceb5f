from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable

import pytest
from confluent_kafka.admin import AdminClient

from chaos_runner.errors import ProbeError
from chaos_runner.kafka.survey.doctor import check_cluster
from chaos_runner.measurements.exposure import Exposure
from chaos_runner.measurements.histogram import percentile
from chaos_runner.measurements.model import Counts
from tests.integration.lab.kafka.conftest import Rig
from tests.integration.lab.kafka.waiting import FINISH_LIMIT, START_LIMIT
from tests.waiting import PATIENCE, wait_until

WARM_UP_LIMIT = 240.0
BROKER_BACK_LIMIT = 360.0
NOTICED_WITHIN = 20.0
"""Seconds; what is noticed at once takes some on a busy machine."""


def topics_of(servers: str) -> set[str]:
    return set(AdminClient({"bootstrap.servers": servers}).list_topics(timeout=60).topics)


def wait_until_gone(servers: str, topic: str) -> None:
    wait_until(lambda: topic not in topics_of(servers), "the topic is gone", pause=0.5)


def counts_of(counts: Counts) -> dict[str, int]:
    return {name: getattr(counts, name) for name in Counts.model_fields}


def test_a_healthy_cluster_loses_nothing(new_rig: Callable[..., Rig], servers: str) -> None:
    rig = new_rig()
    ready = rig.probe.start(timeout=START_LIMIT)
    leaders = {replicas[0] for replicas in ready.placement.values()}
    assert {str(leader) for leader in leaders} == set(ready.brokers)
    assert topics_of(servers) >= {ready.topic}

    rig.probe.wait_until_quiet(WARM_UP_LIMIT)
    rig.probe.enter_phase("before")
    time.sleep(8)
    assert rig.probe.settle(limit=FINISH_LIMIT)
    finished = rig.probe.finish(limit=FINISH_LIMIT)

    assert finished.complete, finished.reason
    before = finished.totals["before"]
    assert before.scheduled >= 790  # of 8 s, less the way of the word that they begin
    assert before.acked == before.consumed == before.scheduled
    assert (before.lost, before.duplicates, before.not_yet_consumed, before.indeterminate) == (
        0,
        0,
        0,
        0,
    )
    assert sum(before.ack.values()) == sum(before.end_to_end.values()) == before.scheduled
    assert (percentile(before.end_to_end, 50) or 0) > 0.1
    assert not rig.probe.alive
    wait_until_gone(servers, ready.topic)


def test_the_seconds_add_up_to_the_phases(new_rig: Callable[..., Rig]) -> None:
    rig = new_rig()
    rig.probe.start(timeout=START_LIMIT)
    time.sleep(2)
    rig.probe.enter_phase("before")
    time.sleep(2)
    totals = rig.probe.finish(limit=FINISH_LIMIT).totals
    assert set(totals) == {"warm-up", "before"}
    for phase, total in totals.items():
        buckets = rig.heard.phase(phase)
        for name, count in counts_of(total).items():
            assert sum(getattr(bucket, name) for bucket in buckets) == count, (phase, name)
    assert rig.heard.health[-1].brokers >= 3
    assert rig.heard.health[-1].answered


@pytest.mark.whole  # test_known_outcomes.py kills one, test_three_faults.py stops one without loss
def test_a_killed_broker_loses_nothing_that_was_acked(
    new_rig: Callable[..., Rig], on_host: Callable[..., str]
) -> None:
    rig = new_rig()
    rig.probe.start(timeout=START_LIMIT)
    rig.probe.wait_until_quiet(WARM_UP_LIMIT)
    rig.probe.enter_phase("during")
    on_host("kafka-2", "sudo systemctl kill --signal=KILL kafka")
    time.sleep(15)
    rig.probe.enter_phase("recovery")
    assert rig.probe.wait_until_quiet(BROKER_BACK_LIMIT), rig.heard.notices
    finished = rig.probe.finish(limit=FINISH_LIMIT)

    assert finished.complete, finished.reason
    during = finished.totals["during"]
    assert during.lost == 0
    assert during.consumed >= during.acked > 0
    assert (percentile(during.ack, 100) or 0) > 200, "the kill was not even felt"


@pytest.mark.whole  # test_minority.py has the groups, too; this broker is the emulated one
def test_a_stopped_broker_is_felt_by_its_own_groups_alone(
    new_rig: Callable[..., Rig], on_host: Callable[..., str], brokers: dict[str, str]
) -> None:
    target = list(brokers)[-1]
    rig = new_rig(targets=[brokers[target]])
    ready = rig.probe.start(timeout=START_LIMIT)
    assert set(ready.exposure.values()) == {Exposure.LEADER, Exposure.FOLLOWER, Exposure.NONE}
    rig.probe.wait_until_quiet(WARM_UP_LIMIT)
    on_host(target, "sudo systemctl kill --signal=STOP kafka")
    rig.probe.enter_phase("during")
    time.sleep(5)
    rig.probe.enter_phase("recovery")
    on_host(target, "sudo systemctl kill --signal=CONT kafka")
    assert rig.probe.wait_until_quiet(BROKER_BACK_LIMIT), rig.heard.notices
    finished = rig.probe.finish(limit=FINISH_LIMIT)

    assert finished.complete, finished.reason
    felt = {group: phases["during"] for group, phases in finished.groups.items()}
    slowest = {group: percentile(totals.ack, 100) or 0 for group, totals in felt.items()}
    assert slowest[Exposure.LEADER] > 3000
    assert slowest[Exposure.NONE] < slowest[Exposure.LEADER] / 2
    assert (
        felt[Exposure.NONE].acked == felt[Exposure.NONE].consumed == felt[Exposure.NONE].scheduled
    )
    assert sum(totals.lost for totals in felt.values()) == 0
    assert (finished.anomalies.rebuilt_readers, finished.anomalies.rebuilt_producers) == (0, 0)


def test_the_topic_goes_when_the_run_goes(new_rig: Callable[..., Rig], servers: str) -> None:
    rig = new_rig()
    topic = rig.probe.start(timeout=START_LIMIT).topic
    rig.probe.kill()
    assert not rig.probe.alive
    wait_until_gone(servers, topic)


def test_a_probe_killed_at_work_is_noticed_at_once(
    new_rig: Callable[..., Rig], servers: str
) -> None:
    rig = new_rig()
    topic = rig.probe.start(timeout=START_LIMIT).topic
    os.kill(rig.probe.process, signal.SIGKILL)
    killed = time.monotonic()
    with pytest.raises(ProbeError, match="by signal 9"):
        rig.probe.wait_until_quiet(PATIENCE)
    assert time.monotonic() - killed < NOTICED_WITHIN
    admin = AdminClient({"bootstrap.servers": servers})
    admin.delete_topics([topic])[topic].result(60)


def test_a_second_probe_of_the_same_run_is_refused(new_rig: Callable[..., Rig]) -> None:
    rig = new_rig()
    rig.probe.start(timeout=START_LIMIT)
    with pytest.raises(ProbeError, match="already exists"):
        new_rig(run=rig.run).probe.start(timeout=START_LIMIT)
    assert rig.probe.alive


def test_a_bootstrap_server_that_is_no_broker_is_told_and_does_no_harm(
    new_rig: Callable[..., Rig], servers: str
) -> None:
    rig = new_rig(f"{servers},198.18.0.99:9092")
    rig.probe.start(timeout=START_LIMIT)
    told = rig.heard.notices
    assert any("none of the cluster's brokers: 198.18.0.99:9092" in text for text in told), told


def test_the_doctor_finds_a_whole_cluster_well(in_lab: None, servers: str) -> None:
    checks = check_cluster(servers, {})
    assert {check.state for check in checks} == {"ok"}
    assert len(checks) == len(servers.split(",")) + 1
    assert not any(topic.endswith("doctor") for topic in topics_of(servers))
