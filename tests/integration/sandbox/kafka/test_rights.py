"""The probe against a real broker with an authorizer: what each right is needed for."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.conftest import REPOSITORY, Finished
from tests.integration.sandbox.kafka.authorized_broker import (
    ADMIN,
    SERVER,
    AuthorizedBroker,
    authorized_broker,
)
from tests.waiting import wait_until

GRANTING = "tests.integration.sandbox.kafka.granting"
PREFIX = "chaos-runner-probe-"
ON_ITS_OWN = ("CREATE", "DESCRIBE", "READ", "WRITE", "DELETE")
RIGHTS = {
    "nobody": [],
    "least": [("TOPIC", PREFIX, ON_ITS_OWN)],
    "undeleting": [("TOPIC", PREFIX, ("CREATE", "DESCRIBE", "READ", "WRITE"))],
    "writer": [("TOPIC", PREFIX, ("CREATE", "DESCRIBE", "WRITE", "DELETE"))],
    "team": [("TOPIC", "team-a.", ON_ITS_OWN)],
    "guest": [("TOPIC", "team-a.probe", ("DESCRIBE", "READ", "WRITE"))],
    "seeing": [
        ("TOPIC", PREFIX, ON_ITS_OWN),
        ("TOPIC", "*", ("DESCRIBE", "DESCRIBE_CONFIGS")),
        ("CLUSTER", "kafka-cluster", ("DESCRIBE",)),
    ],
}
"""User to kind of resource, prefix of its name (or `*`), and the operations that are allowed."""


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AuthorizedBroker]:
    if os.geteuid() != 0:
        pytest.fail("this needs root for namespaces; `scripts/test unit golden` runs the others")
    with authorized_broker(tmp_path_factory.mktemp("broker"), list(RIGHTS)) as running:
        running.python(GRANTING, stdin=json.dumps(RIGHTS))
        yield running


def probed(broker: AuthorizedBroker, directory: Path, user: str, more: str = "") -> Finished:
    """Probe the broker as a user for some seconds."""
    properties = directory / "client.properties"
    properties.write_text(
        f"bootstrap.servers={SERVER}\nsecurity.protocol=SASL_PLAINTEXT\nsasl.mechanism=PLAIN\n"
        f"sasl.username={user}\nsasl.password={user}\n"
    )
    properties.chmod(0o600)
    experiment = directory / "experiment.yml"
    experiment.write_text(
        "title: Rights\nkafka: {properties_file: client.properties}\n"
        f"steady_state: {{loss: 0%, offline_partitions: 0}}\n{more}"
        "faults: [{network_partition: }]\n"
    )
    command = [sys.executable, "-m", "chaos_runner", "probe", str(experiment), "--for", "5s"]
    done = subprocess.run(
        broker.inside([*command, "--trust", "-o", "json"]),
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=300,
        env={**os.environ, "CHAOS_RUNNER_RUNS": str(directory / "runs")},
        stdin=subprocess.DEVNULL,
        check=False,
    )
    return Finished(done.returncode, done.stdout, done.stderr)


def topics(broker: AuthorizedBroker) -> list[str]:
    told: list[str] = json.loads(broker.python(GRANTING, stdin="{}"))
    return told


def wait_until_deleted(broker: AuthorizedBroker, beginning: str = PREFIX) -> None:
    """Wait until every topic of a probe is gone: a broker hears of it after the controller."""
    wait_until(
        lambda: not [topic for topic in topics(broker) if topic.startswith(beginning)],
        "every topic of a probe is gone",
    )


def test_the_least_rights_are_enough_and_hidden_topics_are_never_taken_for_good(
    broker: AuthorizedBroker, tmp_path: Path
) -> None:
    done = probed(broker, tmp_path, "least")
    assert done.code == 3, done.stderr
    told = json.loads(done.stdout)
    assert told["records"]["lost"] == 0
    assert told["records"]["acked"] > 0
    verdicts = {each["tolerance"]: each for each in told["judgements"]}
    assert verdicts["loss"]["verdict"] == "held"
    assert verdicts["offline_partitions"]["verdict"] == "inconclusive"
    reason = verdicts["offline_partitions"]["reason"]
    assert reason["code"] == "topics_hidden"
    assert "topics of others are hidden" in reason["detail"]
    wait_until_deleted(broker)


def test_a_user_that_sees_all_topics_can_judge_them(
    broker: AuthorizedBroker, tmp_path: Path
) -> None:
    done = probed(broker, tmp_path, "seeing")
    assert done.code == 0, done.stderr + done.stdout


@pytest.mark.parametrize(
    ("user", "named"),
    [
        ("nobody", ["idempotent producer", "IdempotentWrite"]),
        ("team", ["refuses to make topic chaos-runner-probe-", "topic_prefix: team-a."]),
        ("writer", ["lacks Read on the topic"]),
        ("undeleting", ["may not delete it", "allow it Delete"]),
    ],
)
def test_a_right_that_is_lacking_is_named_at_the_start(
    broker: AuthorizedBroker, tmp_path: Path, user: str, named: list[str]
) -> None:
    done = probed(broker, tmp_path, user)
    assert done.code == 3, done.stderr
    for words in named:
        assert words in done.stderr


def test_a_prefix_may_be_named(broker: AuthorizedBroker, tmp_path: Path) -> None:
    done = probed(broker, tmp_path, "team", "probe: {topic_prefix: team-a.}\n")
    assert json.loads(done.stdout)["records"]["acked"] > 0, done.stderr
    wait_until_deleted(broker, "team-a.2")  # the year of its run
    assert "team-a.probe" in topics(broker)


def test_an_existing_topic_may_be_named_with_records_of_others_in_it(
    broker: AuthorizedBroker, tmp_path: Path
) -> None:
    for _ in range(2):  # the second time it is full of the first one's records
        done = probed(broker, tmp_path, "guest", "probe: {topic: team-a.probe}\n")
        told = json.loads(done.stdout)
        assert told["records"]["acked"] == told["records"]["consumed"] > 0, done.stderr
        assert told["records"]["lost"] == told["records"]["indeterminate"] == 0
        verdicts = {each["tolerance"]: each["verdict"] for each in told["judgements"]}
        assert verdicts["loss"] == "held", told
    assert "team-a.probe" in topics(broker)
    done = probed(broker, tmp_path, "guest", "probe: {topic: team-a.absent}\n")
    assert done.code == 3
    assert "team-a.absent of `probe.topic` cannot be used" in done.stderr


def test_a_cluster_that_deletes_no_topics_is_refused_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "broker").mkdir()
    with authorized_broker(tmp_path / "broker", [], "delete.topic.enable=false") as running:
        done = probed(running, tmp_path, ADMIN)
        assert done.code == 3
        assert "delete.topic.enable=false" in done.stderr
        wait_until_deleted(running)
        running.python(GRANTING, stdin=json.dumps({ADMIN: RIGHTS["guest"]}))
        done = probed(running, tmp_path, ADMIN, "probe: {topic: team-a.probe}\n")
        assert done.code == 0, done.stderr
