"""Diagnosis: causes that fit made runs, and none where none fits."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from chaos_runner.cli.main import app
from chaos_runner.journal.reader import parse_journal
from chaos_runner.learning.diagnosis.cause import usual_causes
from chaos_runner.learning.diagnosis.diagnose import Diagnosis, diagnose
from chaos_runner.learning.diagnosis.page import causes_page
from chaos_runner.learning.diagnosis.sign import SIGNS
from chaos_runner.measurements.cluster_layout import ClusterLayout
from chaos_runner.report.story.report_model import tell_story
from tests.unit.docs.examples import ROOT
from tests.unit.learning.made_runs import MadeRun
from tests.unit.report import journals

LOSES = MadeRun(0, lost=40)


def diagnosis(content: bytes) -> Diagnosis:
    journal = parse_journal(content, "journal.jsonl")
    return diagnose(journal, tell_story(journal))


def names(run: MadeRun, *more: str) -> list[str]:
    return [each.name for each in diagnosis(run.content() + "".join(more).encode()).causes]


def probe(run: MadeRun, **changes: object) -> MadeRun:
    return replace(run, probe={**run.probe, **changes})


def test_every_sign_of_the_table_exists_and_each_is_used() -> None:
    named = {name for cause in usual_causes().values() for name in (*cause.signs, *cause.against)}
    assert named == SIGNS.keys()


def test_every_cause_says_where_it_is_documented() -> None:
    for cause in usual_causes().values():
        own = ROOT / cause.source
        assert cause.source.startswith("https://") or own.is_file(), cause.source


def test_the_page_is_that_of_the_table() -> None:
    page = (ROOT / "docs" / "concepts" / "causes.md").read_text(encoding="utf-8")
    assert page == causes_page()


def test_acks_one_fits_lost_records_best() -> None:
    found = diagnosis(probe(LOSES, client={"acks": "1"}).content())
    assert found.deviations == ("during: loss at most 0%: 0.5%",)
    best = found.causes[0]
    assert best.name == "acks_not_all"
    assert best.evidence == (
        "40 acknowledged records lost or cut off the log",
        "the producer has acks=1",
    )
    assert 0 < best.fit < 1


def test_acks_all_rules_it_out_and_unknown_acks_do_not_fit() -> None:
    assert "acks_not_all" not in names(LOSES)
    assert "acks_not_all" not in names(probe(LOSES, client={}))


@pytest.mark.parametrize(
    ("settings", "cause"),
    [
        ({"topic_settings": {"min.insync.replicas": "1"}}, "min_isr_one"),
        ({"topic_settings": {"unclean.leader.election.enable": "true"}}, "unclean_election"),
        ({"broker_settings": {"unclean.leader.election.enable": "true"}}, "unclean_election"),
        ({"placement": {"0": [1], "1": [2]}}, "single_replica"),
    ],
)
def test_a_setting_of_the_journal_explains_a_loss(settings: dict[str, object], cause: str) -> None:
    assert cause not in names(LOSES)
    assert cause in names(probe(LOSES, **settings))


def test_duplicates_within_their_tolerance_explain_no_loss() -> None:
    run = probe(LOSES, client={"acks": "1", "enable.idempotence": "false"})
    content = run.content().replace(b'"duplicates": 0', b'"duplicates": 2')
    assert content != run.content()
    assert "not_idempotent" not in [each.name for each in diagnosis(content).causes]
    tolerated = content.replace(b'"tolerance": "loss"', b'"tolerance": "duplicates"')
    found = {each.name: each for each in diagnosis(tolerated).causes}
    assert found["not_idempotent"].evidence[0] == "duplicates at most 0%: 0.5%"


def test_what_is_not_known_is_said_and_no_evidence() -> None:
    [found] = [
        each
        for each in diagnosis(probe(LOSES, client={"acks": "1"}).content()).causes
        if each.name == "acks_not_all"
    ]
    assert any("the journal does not say" in each for each in found.not_known)


def test_a_run_that_held_has_no_cause() -> None:
    found = diagnosis(MadeRun(0).content())
    assert (found.deviations, found.causes) == ((), ())


def test_a_layout_names_the_broker_that_leads_too_much() -> None:
    layout = ClusterLayout(topics=3, leaders={"1": 30, "2": 3, "3": 3})
    run = replace(LOSES, start={"cluster": layout.model_dump()})
    journal = parse_journal(run.content(), "journal.jsonl")
    assert journal.started.cluster == layout


def test_an_outage_shown_by_a_whole_journal() -> None:
    found = diagnosis(journals.deviated().content)
    assert found.deviations == ("during: ack_p99 at most 500ms: 640ms",)


@pytest.mark.parametrize(
    "content",
    [
        journals.killed().content + b'{"event":"torn',
        journals.hostile().content,
        journals.inconclusive().content,
        journals.dirty().content,
    ],
)
def test_any_journal_can_be_diagnosed(content: bytes) -> None:
    assert diagnosis(content).run


HOSTILE_PROBE: dict[str, object] = {
    "client": {"acks": "\x1b[2J", "socket.timeout.ms": "9" * 400, "enable.idempotence": "\n"},
    "topic_settings": {"min.insync.replicas": "\u0662\n", "unclean.leader.election.enable": "\x07"},
    "broker_settings": {"broker.session.timeout.ms": "-1", "replica.lag.time.max.ms": "NaN"},
}


def test_hostile_settings_do_no_harm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = probe(MadeRun(0, lost=4, bad_seconds=5), **HOSTILE_PROBE)
    journal = run.write(tmp_path)
    result = CliRunner().invoke(app, ["diagnose", str(journal)])
    assert result.exit_code == 0
    assert "\x1b" not in result.stdout
    document = json.loads(CliRunner().invoke(app, ["diagnose", str(journal), "-o", "json"]).stdout)
    assert document["run"] == run.run


def test_the_command_says_when_it_knows_none(tmp_path: Path) -> None:
    journal = MadeRun(0).write(tmp_path)
    result = CliRunner().invoke(app, ["diagnose", str(journal)])
    assert result.stdout.splitlines()[1:] == [
        "nothing deviated",
        "none of the usual causes fits (docs/concepts/causes.md lists them)",
    ]
