"""A cluster is surveyed by a real child process, which can only fail in words."""

from __future__ import annotations

import socket
import sys

import pytest

from chaos_runner.errors import ProbeError
from chaos_runner.kafka.survey import process as survey_process
from chaos_runner.kafka.survey.process import survey
from tests.unit.kafka.mock_cluster import running_cluster


def test_every_topic_but_the_probes_own_is_in_the_snapshot() -> None:
    with running_cluster() as cluster:
        cluster.create_topic("orders", partitions=2, replicas=3)
        cluster.create_topic("chaos-runner-probe-20261123-144500-kabc", partitions=1, replicas=1)
        cluster.set_leader("orders", 0, 2)
        found = survey(cluster.bootstrap, {})
    assert sorted(found.brokers) == [1, 2, 3]
    assert all(broker.addresses == ("127.0.0.1",) for broker in found.brokers.values())
    assert [str(partition) for partition in found.partitions] == ["orders-0", "orders-1"]
    assert found.partitions[0].leader == 2
    assert set(found.partitions[0].replicas) == {1, 2, 3}
    # The mock cluster can tell neither; what is not known is missing, not empty.
    assert found.min_insync_replicas == {}
    assert found.groups is None
    assert found.partial == ""


def test_a_cluster_that_is_not_there_is_told_with_the_reason() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        closed = f"127.0.0.1:{server.getsockname()[1]}"
    with pytest.raises(ProbeError, match=f"{closed}: Connection refused"):
        survey(closed, {})


def test_a_bad_property_is_told_in_the_words_of_librdkafka() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        pytest.raises(ProbeError, match="No such configuration property"),
    ):
        survey(f"127.0.0.1:{server.getsockname()[1]}", {"no.such.property": "1"})


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("import sys; sys.exit('the library is broken')", "the library is broken"),
        ("import os; os.abort()", "ended by SIGABRT"),
        ("print('half an answ')", "the survey of the cluster failed: exit code 0"),
    ],
)
def test_a_child_that_fails_is_an_error_in_words(
    monkeypatch: pytest.MonkeyPatch, code: str, told: str
) -> None:
    monkeypatch.setattr(survey_process, "_COMMAND", [sys.executable, "-c", code])
    with pytest.raises(ProbeError, match=told):
        survey("127.0.0.1:1", {})


def test_a_child_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    hanging = [sys.executable, "-c", "import time; time.sleep(600)"]
    monkeypatch.setattr(survey_process, "_COMMAND", hanging)
    monkeypatch.setattr(survey_process, "SURVEY_LIMIT", 0.5)
    with pytest.raises(ProbeError, match=r"not surveyed within 0\.5 s"):
        survey("127.0.0.1:1", {})
