"""Controller and limits of the lab's real Kafka."""

from __future__ import annotations

from collections.abc import Callable

from confluent_kafka.admin import AdminClient

from chaos_runner.kafka.cluster.active_controller import ControllerWatch
from chaos_runner.kafka.survey.process import survey
from tests.integration.lab.kafka.conftest import Rig
from tests.integration.lab.kafka.waiting import START_LIMIT


def test_the_active_controller_answers(in_lab: None, servers: str) -> None:
    watch = ControllerWatch(AdminClient({"bootstrap.servers": servers}))
    watch.ask()
    health = watch.health()
    assert health is not None
    assert health.active, health.reason


def test_a_survey_knows_topics_limits_and_addresses(topic: str, servers: str) -> None:
    found = survey(servers, {})
    assert found.min_insync_replicas[topic] == 2
    (partition,) = found.of_topic(topic)
    assert len(partition.replicas) == 3
    assert found.groups is not None
    assert all(broker.addresses for broker in found.brokers.values())


def test_the_probe_tells_controller_and_limits(new_rig: Callable[..., Rig]) -> None:
    rig = new_rig()
    rig.probe.start(timeout=START_LIMIT)
    rig.wait_until(
        lambda: any(each.controller and each.controller.active for each in rig.heard.health),
        "the probe tells of an active controller",
    )
    newest = rig.heard.health[-1]
    assert newest.under_min_isr is not None
    assert len(newest.broker_ids) == newest.brokers
