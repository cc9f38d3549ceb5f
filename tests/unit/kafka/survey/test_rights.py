"""What the probe may do is learnt at the start, against librdkafka's mock cluster."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from confluent_kafka import KafkaError

from chaos_runner.errors import ProbeError
from chaos_runner.kafka.client_config.client_settings import client_settings
from chaos_runner.kafka.cluster.rights import require_idempotence
from chaos_runner.kafka.survey.doctor import check_cluster
from tests.unit.kafka.mock_cluster import INIT_PRODUCER_ID, MockCluster, running_cluster
from tests.unit.kafka.mock_probe import QUICK


@pytest.fixture
def cluster() -> Iterator[MockCluster]:
    with running_cluster() as running:
        yield running


def test_a_granted_producer_id_is_enough(cluster: MockCluster) -> None:
    require_idempotence(client_settings(cluster.bootstrap, QUICK), 60.0)


def test_a_user_without_idempotent_write_is_refused_at_the_start(cluster: MockCluster) -> None:
    cluster.fail_requests(INIT_PRODUCER_ID, [KafkaError.CLUSTER_AUTHORIZATION_FAILED] * 10)
    with pytest.raises(ProbeError, match="may not use an idempotent producer") as refused:
        require_idempotence(client_settings(cluster.bootstrap, QUICK), 60.0)
    assert "IdempotentWrite" in refused.value.hint
    assert 'enable.idempotence: "false"' in refused.value.hint


def test_who_asks_for_no_idempotence_needs_no_right_to_it(cluster: MockCluster) -> None:
    cluster.fail_requests(INIT_PRODUCER_ID, [KafkaError.CLUSTER_AUTHORIZATION_FAILED] * 10)
    plain = {**QUICK, "enable.idempotence": "false"}
    require_idempotence(client_settings(cluster.bootstrap, plain), 60.0)


def test_the_doctor_tells_of_the_brokers_and_of_the_right_that_is_lacking(
    cluster: MockCluster,
) -> None:
    cluster.fail_requests(INIT_PRODUCER_ID, [KafkaError.CLUSTER_AUTHORIZATION_FAILED] * 10)
    *brokers, last = check_cluster(cluster.bootstrap, dict(QUICK))
    assert [each.state for each in brokers] == ["ok"] * 3
    assert last.state == "problem"
    assert "idempotent producer" in last.text
