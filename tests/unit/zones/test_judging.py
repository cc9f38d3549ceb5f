"""Each zone is judged alone beside the whole, and what deviates names it."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import cast

from chaos_runner.experiment.load import load_experiment
from chaos_runner.experiment.models import Experiment
from chaos_runner.learning.diagnosis.observed import ObservedRun
from chaos_runner.learning.history.facts_of_story import _judged_in
from chaos_runner.measurements.model import Health, Totals
from chaos_runner.report.story.model import PhaseVerdict, RunStory
from chaos_runner.verdict.run_reason import RunReason
from chaos_runner.verdict.tolerances import judge_phase
from chaos_runner.verdict.zones import ZoneAccount, judge_zones
from chaos_runner.wording.run_reasons import run_reason_words

EXPERIMENT = """\
title: Zones
steady_state: {availability: 90%, loss: 0%, offline_partitions: 0}
probe: {zones: [node-a]}
faults:
  - network_partition:
    targets: {hosts: k1}
    duration: 1m
"""


def experiment(directory: Path) -> Experiment:
    file = directory / "experiment.yml"
    file.write_text(EXPERIMENT)
    return load_experiment(file)


def health(zone: str, *, late: int = 0, offline: int = 0) -> Health:
    return Health(
        elapsed=1, brokers=3, under_replicated=0, offline=offline, not_preferred=0,
        sends=100, late_sends=late, zone=zone,
    )  # fmt: skip


def totals(acked: int) -> Totals:
    return Totals(scheduled=100, acked=acked, consumed=acked, ack={5: acked})


def test_a_zone_deviates_although_the_whole_holds(tmp_path: Path) -> None:
    limits = experiment(tmp_path).steady_state
    accounts = {"": ZoneAccount(totals(100), []), "node-a": ZoneAccount(totals(85), [])}
    whole, _ = judge_phase(limits, totals(92), [health("")], complete=True)
    alone = judge_zones(limits, "during", accounts, complete=True)
    assert whole == "held"
    assert [each.verdict for each in alone[""]] == ["held", "held"]
    verdicts = {each.tolerance: each.verdict for each in alone["node-a"]}
    assert verdicts == {"availability": "deviated", "loss": "held"}


def test_the_cluster_is_judged_once_as_the_control_node_sees_it(tmp_path: Path) -> None:
    limits = experiment(tmp_path).steady_state
    answers = [health(""), health("node-a", offline=7)]
    verdict, _ = judge_phase(limits, totals(100), answers, complete=True)
    assert verdict == "held"


def test_a_zone_short_of_cpu_makes_what_it_measured_doubtful_alone_and_together(
    tmp_path: Path,
) -> None:
    limits = experiment(tmp_path).steady_state
    answers = [health("", late=0), health("node-a", late=50)]
    together, _ = judge_phase(limits, totals(50), answers, complete=True)
    accounts = {
        zone: ZoneAccount(totals(50), [each for each in answers if each.zone == zone])
        for zone in ("", "node-a")
    }
    alone = judge_zones(limits, "during", accounts, complete=True)
    assert together == "inconclusive"
    availability = {
        zone: each.verdict
        for zone, found in alone.items()
        for each in found
        if each.tolerance == "availability"
    }
    assert availability == {"": "deviated", "node-a": "inconclusive"}


def test_reasons_name_zones() -> None:
    judged = RunReason(
        code="phase_judged", phase="during", verdict="deviated", zones=["", "node-a"]
    )
    assert run_reason_words(judged) == "during: deviated (control node, zone node-a)"
    lost = RunReason(code="zone_lost", zones=["node-a"], seconds=41.2, detail="it ended")
    assert "zone node-a" in run_reason_words(lost)
    assert "41 s after the run began" in run_reason_words(lost)


def test_history_and_diagnosis_know_that_a_zone_alone_deviated(tmp_path: Path) -> None:
    limits = experiment(tmp_path).steady_state
    accounts = {"": ZoneAccount(totals(100), []), "node-a": ZoneAccount(totals(85), [])}
    _, whole = judge_phase(limits, totals(92), [health("")], complete=True)
    alone = judge_zones(limits, "during", accounts, complete=True)
    phase = PhaseVerdict(
        phase="during",
        verdict="deviated",
        judgements=tuple(whole),
        zones={zone: tuple(each) for zone, each in alone.items()},
    )
    found = list(_judged_in(phase))
    deviated = [each for each in found if each.verdict == "deviated"]
    assert [(each.tolerance, each.observed) for each in deviated] == [
        ("availability", "85% (zone node-a)")
    ]
    assert "zone" not in found[-1].observed
    story = cast(RunStory, SimpleNamespace(judgements=[phase]))
    observed = ObservedRun(story, None, None)
    assert [where for where, _ in observed.deviated] == ["during (zone node-a)"]
