"""The loop that learns, on real brokers: lost, distinguished, a date, fixed, shown to hold."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import ElectionType, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from tests.integration.conftest import Finished, chaos_runner
from tests.integration.lab.kafka.test_known_outcomes import let
from tests.waiting import PATIENCE, wait_until

EXPERIMENT = """\
title: Orders survive a broker that only its clients hear
owner: Team Orders
steady_state: {{loss: 0%}}
kafka:
  properties:
    acks: "{acks}"
    enable.idempotence: "false"
probe: {{topic: {topic}, rate: 40/s}}
phases: {{before: 5s, after: 5s}}
faults:
  - network_partition: {{shape: isolate}}
    targets: {{group: kafka_broker, seed: 2}}
    duration: 20s
"""
UNCLEAN = "unclean.leader.election.enable"
TITLE = ("--title", "Orders are lost")
FIX = ("--fix", "acks=all in the orders client")

Call = Callable[..., Finished]


@pytest.fixture
def orders(in_lab: None, servers: str) -> Iterator[str]:
    """Make a topic that allows unclean elections, for the length of the test.

    Each broker leads one partition: left to choose by racks, Kafka may give one broker none.
    """
    name = f"orders-{uuid.uuid4().hex[:8]}"
    settings = {"min.insync.replicas": "2", UNCLEAN: "true"}
    admin = AdminClient({"bootstrap.servers": servers})
    brokers = sorted(admin.list_topics(timeout=120).brokers)
    placement = [[*brokers[place:], *brokers[:place]][:3] for place in range(len(brokers))]
    wanted = NewTopic(name, len(placement), replica_assignment=placement, config=settings)
    admin.create_topics([wanted])[name].result(120)
    yield name
    admin.delete_topics([name])[name].result(120)


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Call:
    """Return a function that calls the command line in a workspace and looks at its exit code."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CHAOS_RUNNER_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("CHAOS_RUNNER_FINDINGS", str(tmp_path / "findings"))

    def call(*arguments: str, code: int = 0) -> Finished:
        done = chaos_runner(*arguments)
        assert done.code == code, (arguments, done.stdout, done.stderr)
        return done

    return call


def lead_home(servers: str, topic: str) -> None:
    """Let each broker lead what it leads by preference: one that leads nothing loses nothing."""
    admin = AdminClient({"bootstrap.servers": servers})

    def is_home() -> bool:
        partitions = admin.list_topics(topic, timeout=60).topics[topic].partitions.values()
        wanted = [TopicPartition(topic, each.id) for each in partitions]
        admin.elect_leaders(ElectionType.PREFERRED, wanted).result()
        return all(
            each.leader == each.replicas[0] and len(each.isrs) == len(each.replicas)
            for each in partitions
        )

    wait_until(is_home, "every partition is led by its first replica", PATIENCE, pause=1)


def cycle(
    call: Call, lab: Path, servers: str, topic: str, *, acks: str, code: int
) -> dict[str, Any]:
    """Run the experiment with these acks, and return what the run says of itself."""
    lead_home(servers, topic)
    file = Path("orders.yml")
    file.write_text(EXPERIMENT.format(topic=topic, acks=acks), encoding="utf-8")
    done = call("run", str(file), "-i", str(lab), "--trust", "--yes", "-o", "json", code=code)
    return done.json


def causes_of(call: Call, run: str) -> list[str]:
    return [
        each["name"] for each in json.loads(call("diagnose", run, "-o", "json").stdout)["causes"]
    ]


def page(call: Call, *options: str) -> str:
    call("status", "status.html", *options)
    return Path("status.html").read_text(encoding="utf-8")


@pytest.mark.whole  # tests/unit/learning/test_three_cycles.py tells the same of made journals
def test_lost_records_get_hypotheses_then_a_date_and_are_shown_to_be_safe(
    clean_hosts: Path, orders: str, servers: str, call: Call
) -> None:
    # The first cycle: what the old leader acknowledges alone is lost, and two causes fit.
    first = cycle(call, clean_hosts, servers, orders, acks="1", code=1)
    assert {"acks_not_all", "unclean_election"} <= set(causes_of(call, first["run"]))
    call("findings", "add", first["run"], *TITLE)
    [vague] = json.loads(call("findings", "-o", "json").stdout)["findings"]
    directions = [each["direction"] for each in vague["hypotheses"]]
    assert "acks=all for this producer" in directions
    assert f"{UNCLEAN}=false" in directions

    # The second changes one of the two, and records are lost as before: that was not it.
    let(servers, orders, {UNCLEAN: "false"})
    second = cycle(call, clean_hosts, servers, orders, acks="1", code=1)
    told_apart = causes_of(call, second["run"])
    assert told_apart[0] == "acks_not_all"
    assert "unclean_election" not in told_apart
    yesterday = str(datetime.now(UTC).date() - timedelta(days=1))
    call("findings", "add", second["run"], "--title", "Acks", *FIX, "--by", yesterday)
    late = call("findings", "--overdue", code=1).stdout
    assert "acks" in late
    assert "orders-are-lost" not in late
    assert FIX[1] in page(call)

    # The third: fixed, as far as anybody knows, and it holds.
    call("findings", "close", "acks")
    assert "verify the finding acks" in call("suggest").stdout
    third = cycle(call, clean_hosts, servers, orders, acks="all", code=0)
    verified = call("findings", "verify").stdout
    assert "acks: verified" in verified
    assert "orders-are-lost: verified" in verified
    call("findings", "--overdue")
    changes = call("changelog", "--since", first["run"]).stdout
    assert changes.startswith("### Fixed\n- ")
    assert f"Acks ({FIX[1]}): loss " in changes
    assert "before, 0%" in changes
    shown = page(call)
    assert "Acks: shown by a test on " in shown
    assert "Nothing is open." in shown
    compared = json.loads(call("compare", second["run"], third["run"], "-o", "json").stdout)
    [loss] = [each for each in compared["figures"] if each["figure"] == "loss"]
    assert loss["first"] > 0 == loss["second"]
