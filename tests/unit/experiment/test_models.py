"""Experiments: the issue's own example, defaults, cross-checks, and dumps that read again."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError

from chaos_runner.experiment.load import load_experiment
from chaos_runner.experiment.models import Experiment
from chaos_runner.faults.kinds.network.network_latency import NetworkLatency
from chaos_runner.faults.kinds.network.network_partition import NetworkPartition
from chaos_runner.kafka.client_config.secrets import REDACTED

EXAMPLES = sorted((Path(__file__).parents[3] / "examples").glob("*.yml"))

SMALLEST = """
title: A slow broker loses nothing
steady_state:
  loss: 0%
faults:
  - network_latency: {delay: 100ms}
    targets: {group: kafka_broker, count: 1}
    duration: 30s
"""


def experiment(**changes: object) -> Experiment:
    return Experiment.model_validate({**yaml.safe_load(SMALLEST), **changes})


def entry(**changes: object) -> dict[str, object]:
    return {"service_stop": {"service": "kafka"}, **changes}


def test_the_whole_experiment_of_the_documentation_stands_as_it_is() -> None:
    read = experiment()
    (fault,) = read.faults
    assert fault.options == NetworkLatency.model_validate({"delay": "100ms"})
    assert (fault.targets.group, fault.targets.count) == ("kafka_broker", 1)
    assert fault.duration == (30.0, 30.0)


def test_defaults() -> None:
    read = Experiment.model_validate({"title": "x", "faults": [{"network_partition": None}]})
    (fault,) = read.faults
    assert fault.options == NetworkPartition()
    assert (fault.targets.group, fault.targets.count, fault.targets.seed) == ("kafka_broker", 1, 0)
    assert fault.duration == (30.0, 30.0)
    assert (fault.start, fault.serial, fault.repeat) == (None, None, None)
    assert read.steady_state.limits() == {"loss": 0.0}
    assert read.lease == 20.0
    assert (read.probe.rate, read.probe.size) == (100.0, 1024)
    assert read.phases.model_dump() == {
        "before": 10.0,
        "after": 10.0,
        "recovery": 60.0,
        "warm_up": 120.0,
        "drain": 60.0,
    }
    assert read.kafka.bootstrap_servers is None
    assert read.safeguards == []


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.name)
def test_every_example_is_valid_and_its_dump_reads_again(file: Path) -> None:
    read = load_experiment(file)
    dump = read.model_dump(mode="json")
    assert Experiment.model_validate(dump) == read
    assert Experiment.model_validate(dump).model_dump(mode="json") == dump


def test_the_first_three_kinds_have_an_example() -> None:
    kinds = {entry.options.kind for file in EXAMPLES for entry in load_experiment(file).faults}
    assert kinds >= {"network_latency", "network_partition", "service_stop"}


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.name)
def test_the_first_line_of_an_example_names_a_schema_that_is_there(file: Path) -> None:
    first = file.read_text(encoding="utf-8").splitlines()[0]
    key, schema = first.removeprefix("# yaml-language-server: ").split("=")
    assert key == "$schema"
    assert (file.parent / schema).is_file()


def test_a_dump_says_everything_in_units_and_nothing_that_is_not_set() -> None:
    dump = experiment().model_dump(mode="json")
    assert dump["lease"] == "20s"
    assert dump["probe"] == {"rate": "100/s", "size": "1KiB", "zones": []}
    assert dump["steady_state"] == {"loss": "0%"}
    assert dump["faults"][0] == {
        "network_latency": {
            "delay": "100ms",
            "direction": "out",
            "distribution": "uniform",
            "peers": [],
            "ports": [],
        },
        "targets": {"group": "kafka_broker", "count": 1, "seed": 0, "exclude": []},
        "duration": "30s",
    }


def test_hosts_stand_instead_of_the_group_in_a_dump() -> None:
    read = experiment(faults=[entry(targets={"hosts": "kafka-*", "percent": "50%"})])
    assert read.model_dump(mode="json")["faults"][0]["targets"] == {
        "hosts": "kafka-*",
        "percent": "50%",
        "seed": 0,
        "exclude": [],
    }


def test_secrets_are_redacted_in_dumps_and_kept_for_the_client() -> None:
    properties = {
        "sasl.password": "hunter2",
        "ssl.key.pem": "hunter2",
        "sasl.oauthbearer.client.secret": "hunter2",
        "security.protocol": "SASL_SSL",
        "socket.timeout.ms": 6000,
        "enable.idempotence": True,
    }
    read = experiment(kafka={"properties": properties})
    assert read.kafka.properties["sasl.password"] == "hunter2"
    assert read.kafka.properties["socket.timeout.ms"] == "6000"
    assert read.kafka.properties["enable.idempotence"] == "true"
    assert "hunter2" not in read.model_dump_json()
    assert "hunter2" not in repr(read)
    dumped = read.model_dump(mode="json")["kafka"]["properties"]
    assert dumped["sasl.password"] == REDACTED
    assert dumped["security.protocol"] == "SASL_SSL"


@pytest.mark.parametrize(
    ("lease", "duration", "expected"),
    [("20s", "30s", 20), ("20s", "10s", 10), ("20s", "1s", 5), ("5m", "7.5s", 8)],
)
def test_a_lease_is_not_longer_than_the_fault(lease: str, duration: str, expected: int) -> None:
    read = experiment(lease=lease, faults=[entry(duration=duration)])
    assert read.lease_of_run() == expected


def test_faults_of_one_run_share_the_lease_of_the_longest() -> None:
    read = experiment(lease="20s", faults=[entry(duration="5s"), entry(duration="12s")])
    assert read.lease_of_run() == 12


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"title": "two\nlines"}, "one line"),
        ({"title": "  "}, "one line"),
        ({"faults": []}, "at least 1"),
        ({"faults": [{"duration": "30s"}]}, "found no fault"),
        ({"faults": [entry(network_partition={})]}, "one fault kind"),
        ({"faults": [entry(duration="0s")]}, "`1s` to `24h`"),
        ({"lease": "4s"}, "`5s` to `5m`"),
        ({"lease": "6m"}, "`5s` to `5m`"),
        ({"lease": "5.5s"}, "whole seconds"),
        ({"safeguards": [{"hold": "5s"}]}, "found no tolerance"),
        ({"safeguards": [{"loss": "0%", "ack_p99": "1s"}]}, "`loss`, `ack_p99`"),
        ({"safeguards": [{"loss": "0%", "hold": "30s"}]}, "less than the longest fault, `30s`"),
        ({"steady_state": {"loss": None}}, "found nothing"),
        ({"steady_state": {"under_replicated_partitions": True}}, "valid integer"),
        ({"kafka": {"bootstrap_servers": "host"}}, "`host:port`"),
        ({"kafka": {"bootstrap_servers": "a:1, b:2"}}, "`host:port`"),
        ({"kafka": {"properties": {"bootstrap.servers": "a:1"}}}, "bootstrap_servers"),
        ({"kafka": {"properties": {"a b": "c"}}}, "client property"),
        ({"probe": {"size": "63B"}}, "`64B` to `900KiB`"),
        ({"probe": {"rate": "0.5/s"}}, "`1/s` to `50000/s`"),
        ({"phases": {"before": "0s"}}, "`1s` to `24h`"),
        ({"faults": [entry(targets={})]}, "neither `group` nor `hosts`"),
        ({"faults": [entry(targets={"count": 1})]}, "neither `group` nor `hosts`"),
        ({"faults": [entry(targets={"group": "a", "hosts": "b"})]}, "one of them"),
        (
            {"faults": [entry(targets={"group": "a", "count": 1, "percent": "5%"})]},
            "beside `count`",
        ),
        ({"faults": [entry(targets={"group": "a", "all": True, "count": 1})]}, "beside `all`"),
        ({"faults": [entry(targets={"group": "a:b"})]}, "one group"),
        ({"faults": [entry(targets={"hosts": "a b"})]}, "pattern"),
        ({"faults": [entry(targets={"group": "a", "count": "1"})]}, "valid integer"),
        ({"faults": [entry(targets={"group": "a", "percent": "0%"})]}, "`0.001%`"),
    ],
)
def test_refused(change: dict[str, object], words: str) -> None:
    with pytest.raises(ValidationError) as caught:
        experiment(**change)
    assert words in str(caught.value)
