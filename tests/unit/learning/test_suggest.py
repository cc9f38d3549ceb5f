"""Suggestions: each with evidence, each with an experiment that is valid."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from chaos_runner.cli.main import app
from chaos_runner.content import content_directory
from chaos_runner.errors import UsageError
from chaos_runner.experiment.load import load_experiment
from chaos_runner.experiment.models import Experiment
from chaos_runner.faults.registry import fault_kinds
from chaos_runner.learning.findings.files import WrittenFinding
from chaos_runner.learning.suggestions.suggest import Known, suggestions
from chaos_runner.learning.suggestions.suggestion import Suggestion, example_of
from chaos_runner.measurements.cluster_layout import ClusterLayout, UneasyTopic
from tests.unit.learning.made_facts import EMPTY
from tests.unit.learning.made_runs import MadeRun, as_journalled
from tests.unit.learning.test_review import deviating, verified

TODAY = date(2026, 3, 1)
HOSTILE_TOPIC = "\x1b]0;x\x07: {{ lookup('env') }}\n- all"
LAYOUT = ClusterLayout(
    topics=9,
    leaders={"1": 20, "2": 2, "3": 2},
    uneasy=[
        UneasyTopic(topic="single", partitions=3, replicas=1),
        UneasyTopic(topic="all", partitions=3, replicas=3, min_insync_replicas=3),
        UneasyTopic(topic="one", partitions=3, replicas=3, min_insync_replicas=1),
        UneasyTopic(
            topic=HOSTILE_TOPIC,
            partitions=3,
            replicas=3,
            min_insync_replicas=2,
            unclean_election=True,
        ),
    ],
)


NOTHING = Known(
    runs=(),
    findings=(),
    kinds={},
    layout=None,
    layout_run="",
    groups=(),
    judged_groups=frozenset(),
    experiments={},
)


def known(**changes: Any) -> Known:
    return replace(NOTHING, **changes)


def whats(found: list[Suggestion]) -> list[str]:
    return [each.what for each in found]


def test_what_looks_uneasy_in_the_cluster() -> None:
    found = suggestions(
        known(layout=LAYOUT, layout_run="r7", groups=["a", "b"], judged_groups=frozenset({"a"})),
        TODAY,
    )
    assert whats(found) == [
        "topics with one replica",
        "topics that need every replica for acks=all",
        "topics that acknowledge with one replica in sync",
        "topics that allow unclean elections",
        "leaders crowded on one broker",
        "consumer groups whose lag no experiment judges",
    ]
    assert found[0].evidence == (
        "single: replicas 1, min.insync.replicas unknown",
        "as run r7 saw the cluster",
    )
    assert found[4].evidence[0] == "broker 1 leads 20 of 24 partitions, its share is 8"
    assert found[5].evidence[0] == "b"


def test_what_one_rack_has_too_much_of() -> None:
    layout = ClusterLayout(
        topics=2,
        leaders={"1": 6, "2": 4, "3": 4},
        racks={"1": "east", "2": "west", "3": "west"},
        voters={"kafka-1": "east", "kafka-2": "west", "kafka-3": "west"},
        in_one_rack={HOSTILE_TOPIC: "west", "orders": "west"},
    )
    found = suggestions(known(layout=layout, layout_run="r7"), TODAY)
    assert whats(found) == [
        "controllers crowded in one rack",
        "topics with all replicas of a partition in one rack",
    ]
    assert found[0].evidence[0] == "rack west has 2 of 3 controllers: kafka-2, kafka-3"
    assert found[1].evidence[1] == "orders: rack west"
    crowded = layout.model_copy(update={"leaders": {"1": 10, "2": 1, "3": 1}, "voters": {}})
    again = suggestions(known(layout=crowded), TODAY)
    assert whats(again)[:2] == ["leaders crowded on one broker", "leaders crowded in one rack"]
    leaders = again[1]
    assert leaders.evidence == (
        "the brokers of rack east lead 10 of 12 partitions, their share is 4",
    )
    targets = []
    for each in (*found, leaders):
        [fault] = Experiment.model_validate(each.experiment).faults
        targets.append(fault.targets.rack)
    assert targets == ["west", "west", "east"]


def test_without_several_racks_none_is_suspected() -> None:
    one = ClusterLayout(topics=1, leaders={"1": 9, "2": 9}, racks={"1": "a", "2": "a"})
    assert suggestions(known(layout=one), TODAY) == []


def test_a_calm_cluster_is_not_suspected() -> None:
    calm = ClusterLayout(topics=1, leaders={"1": 3, "2": 3, "3": 4})
    assert suggestions(known(layout=calm), TODAY) == []


def test_findings_that_are_due_come_first() -> None:
    due = verified("lost", "2026-01-10", "d9")
    waiting = due.finding.model_copy(update={"state": "to be verified"})
    late = due.finding.model_copy(update={"state": "open", "verified": None})
    findings = [
        due,
        WrittenFinding(Path("waiting.yml"), waiting),
        WrittenFinding(Path("late.yml"), late),
    ]
    experiments = {"slow": example_of("slow-broker.yml")}
    found = suggestions(known(findings=findings, experiments=experiments, layout=LAYOUT), TODAY)
    assert whats(found)[:3] == [
        "verify the finding waiting",
        "verify the finding late",
        "topics with one replica",
    ]


def test_an_experiment_not_run_for_long_is_due() -> None:
    runs = [EMPTY]
    experiments = {"slow": example_of("slow-broker.yml")}
    assert whats(suggestions(known(runs=runs, experiments=experiments), TODAY)) == [
        "run slow again"
    ]
    assert suggestions(known(runs=runs, experiments=experiments), date(2026, 1, 20)) == []


def test_a_kind_that_was_tried_is_not_suggested() -> None:
    found = whats(
        suggestions(known(kinds=fault_kinds(), runs=[deviating(0, "service_stop")]), TODAY)
    )
    assert "try service_stop" not in found
    assert "try service_pause" in found


@pytest.mark.parametrize(
    "suggestion",
    suggestions(known(layout=LAYOUT, groups=["a", "b"], kinds=fault_kinds()), TODAY),
    ids=lambda each: each.what,
)
def test_every_suggestion_has_a_valid_experiment(suggestion: Suggestion, tmp_path: Path) -> None:
    file = tmp_path / "new.yml"
    file.write_text(suggestion.text(), encoding="utf-8")
    assert load_experiment(file) == Experiment.model_validate(suggestion.experiment)


@pytest.mark.parametrize("file", sorted(content_directory("examples").glob("*.yml")), ids=str)
def test_an_experiment_of_a_journal_can_be_run_again(file: Path) -> None:
    assert Experiment.model_validate(as_journalled(file.name)) == load_experiment(file)


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["suggest", *arguments])


def test_the_command_lists_and_writes(workspace: Path) -> None:
    run = MadeRun(0, start={"cluster": LAYOUT.model_dump()})
    run.write(workspace / "runs")
    text = invoke().stdout
    assert text.startswith("1. topics with one replica\n   single: replicas 1")
    assert "\x1b" not in text
    assert len(json.loads(invoke("-o", "json").stdout)["suggestions"]) > 5
    assert invoke("--write", "1", "new.yml").exit_code == 0
    assert load_experiment(workspace / "new.yml").title.startswith("Topics stay online")


def test_nothing_is_overwritten_and_no_link_followed(workspace: Path) -> None:
    (workspace / "there.yml").write_text("mine", encoding="utf-8")
    (workspace / "link.yml").symlink_to(workspace / "outside")
    for name in ("there.yml", "link.yml"):
        assert isinstance(invoke("--write", "1", name).exception, UsageError)
    assert (workspace / "there.yml").read_text(encoding="utf-8") == "mine"
    assert not (workspace / "outside").exists()


@pytest.mark.parametrize("arguments", [("--write", "1"), ("new.yml",), ("--write", "999", "n.yml")])
def test_a_wrong_use_is_named(workspace: Path, arguments: tuple[str, ...]) -> None:
    assert isinstance(invoke(*arguments).exception, UsageError)
