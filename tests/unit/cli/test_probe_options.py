"""What the command line of `probe` and `baseline` says in place of the experiment."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest

from chaos_runner.cli.options.experiment import asked_experiment, duration_option
from chaos_runner.cli.probe import probe
from chaos_runner.errors import UsageError
from chaos_runner.experiment.load import load_experiment
from chaos_runner.experiment.steady_state import Tolerances
from tests.unit.cli.test_main import chaos_runner

EXPERIMENT = """\
title: As usual
steady_state: {loss: 1%, ack_p99: 1s}
kafka: {bootstrap_servers: "a:1", profile: defaults, properties: {client.rack: b}}
probe: {rate: 200/s, size: 4KiB}
safeguards:
  - loss: 0%
faults:
  - network_partition:
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "experiment.yml"
    file.write_text(EXPERIMENT)
    return file


def test_without_options_everything_is_the_experiments(file: Path) -> None:
    asked = asked_experiment(load_experiment(file), kafka={"profile": None}, probe={"rate": None})
    assert (asked.probe.rate, asked.probe.size, asked.kafka.profile) == (200.0, 4096, "defaults")


def test_an_option_wins_and_leaves_its_neighbours(file: Path) -> None:
    asked = asked_experiment(
        load_experiment(file),
        kafka={"bootstrap_servers": "c:2"},
        probe={"rate": "90/m"},
        steady_state={"ack_p99": "5s", "availability": "99%"},
        phases={"warm_up": "10s"},
    )
    assert asked.steady_state.limits() == {"loss": 1.0, "ack_p99": 5.0, "availability": 99.0}
    assert (asked.kafka.bootstrap_servers, asked.kafka.profile) == ("c:2", "defaults")
    assert asked.kafka.properties == {"client.rack": "b"}
    assert (asked.probe.rate, asked.probe.size) == (1.5, 4096)
    assert asked.phases.warm_up == 10.0


def test_without_an_experiment_the_defaults_are_asked_for() -> None:
    asked = asked_experiment(None, steady_state={"availability": "99%"})
    assert asked.steady_state.limits() == {"loss": 0.0, "availability": 99.0}
    assert (asked.probe.rate, asked.kafka.profile, asked.faults) == (100.0, "tuned", [])


def test_a_measurement_has_no_faults_and_no_guards(file: Path) -> None:
    alone = asked_experiment(load_experiment(file)).without_faults("Probe: As usual", 30.0)
    assert (alone.faults, alone.safeguards, alone.phases.before) == ([], [], 30.0)
    assert alone.model_dump(mode="json")["title"] == "Probe: As usual"


def test_mistakes_are_told_by_option_and_all_at_once(file: Path) -> None:
    with pytest.raises(UsageError) as caught:
        asked_experiment(
            load_experiment(file), steady_state={"ack_p99": "20", "availability": "200%"}
        )
    assert "--ack-p99: found `20`, which has no unit; did you mean `20s`?" in caught.value.message
    assert "--availability: " in caught.value.message


def test_every_tolerance_that_needs_no_fault_is_an_option_of_probe() -> None:
    options = inspect.signature(probe).parameters
    assert [name for name in Tolerances.model_fields if name not in options] == []


@pytest.mark.parametrize("text", ["20", "1s", "25h", "soon"])
def test_a_length_that_makes_no_sense_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="--for: found"):
        duration_option("for", text)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["probe", "--bootstrap-servers", "nonsense"], "--bootstrap-servers: found `nonsense`"),
        (["probe", "--bootstrap-servers", "a:1", "--rate", "5"], "--rate: found `5`"),
        (["probe", "--profile", "tunned"], "did you mean `tuned`?"),
        (["probe", "--group-lag", "5"], "--group-lag: no consumer group to judge"),
        (["probe", "--group", "a", "--group-status", "BAD"], "--group-status: found `BAD`"),
        (["probe", "--controller", "absent"], "--controller: found `absent`"),
        (["probe", "--properties-file", "/nowhere/at-all"], "/nowhere/at-all: the Kafka client"),
        (["baseline", "/nowhere/at-all.yml"], "there is no such file"),
    ],
)
def test_a_mistake_ends_with_2_before_anything_is_tried(
    arguments: list[str], words: str, tmp_path: Path
) -> None:
    done = chaos_runner(*arguments, "--runs", str(tmp_path / "runs"))
    assert done.returncode == 2
    assert words in done.stderr
    assert not (tmp_path / "runs").exists()


def test_a_cluster_that_cannot_be_reached_is_inconclusive_and_journalled(tmp_path: Path) -> None:
    done = chaos_runner(
        "probe", "--bootstrap-servers", "127.0.0.1:1", "--runs", str(tmp_path), "-o", "json"
    )
    assert done.returncode == 3
    assert "127.0.0.1:1: Connection refused" in done.stderr
    (journal,) = tmp_path.glob("*/journal.jsonl")
    assert '"title":"Probe of 127.0.0.1:1"' in journal.read_text()
    assert journal.read_text().endswith("\n")
