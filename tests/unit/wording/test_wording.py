"""Every fact that a journal can hold has words."""

from __future__ import annotations

from typing import get_args

import pytest

from chaos_runner.journal.events import HostChanged, Notice
from chaos_runner.measurements.reading import said
from chaos_runner.measurements.reason import Reason, ReasonCode
from chaos_runner.verdict.answer import Answer
from chaos_runner.verdict.judgement import Limit, Observation
from chaos_runner.verdict.run_reason import Ending, RunReason, RunReasonCode, ended_by
from chaos_runner.verdict.safeguards import Condition
from chaos_runner.wording.amounts import limit_words, observation_words
from chaos_runner.wording.host_changes import host_change_words
from chaos_runner.wording.notices import notice_words
from chaos_runner.wording.reasons import reason_words
from chaos_runner.wording.run_reasons import run_reason_words
from chaos_runner.wording.safeguards import condition_words, seen_words


@pytest.mark.parametrize("code", get_args(ReasonCode))
def test_every_reason_has_words_that_hold_its_figures(code: ReasonCode) -> None:
    words = reason_words(
        Reason(code=code, count=3, of=40, partition=7, names=["orders"], detail="it said so")
    )
    assert words
    assert "{" not in words


@pytest.mark.parametrize("code", get_args(RunReasonCode))
def test_every_reason_of_a_run_has_words(code: RunReasonCode) -> None:
    ending = Ending(host="k1", kind="service_stop", planned=90, needed=90, by="lease", held=2)
    words = run_reason_words(
        RunReason(
            code=code, detail="it said so", host="k1", phase="during", ending=ending, seconds=30
        )
    )
    assert words
    assert "{" not in words


def test_a_reason_without_its_figures_has_words_too() -> None:
    assert reason_words(Reason(code="short_of_cpu")).startswith("the probe was short of CPU")
    assert run_reason_words(RunReason(code="safeguard_tripped"))
    assert reason_words(None) == ""


@pytest.mark.parametrize(
    ("observed", "words"),
    [
        (Observation(value=None, unit="seconds"), "nothing"),
        (Observation(value=None, unit="seconds", bound="above"), "never"),
        (Observation(value=0.0004, unit="percent"), "< 0.001%"),
        (Observation(value=99.9999, unit="percent"), "> 99.999%"),
        (Observation(value=700, unit="records", group="orders"), "700 (orders)"),
        (Observation(value="STALL", unit="status", group="orders"), "STALL (orders)"),
        (Observation(value=2.5, unit="seconds", bound="above"), "> 2.5s"),
    ],
)
def test_what_was_observed(observed: Observation, words: str) -> None:
    assert observation_words(observed) == words


def failed(**values: object) -> Answer:
    return Answer.model_validate({"verdict": "deviated", **values})


def test_what_is_tolerated() -> None:
    assert limit_words(Limit(bound="at_most", value="WARN", unit="status")) == "at worst WARN"
    assert limit_words(Limit(bound="at_least", value="active", unit="controller")) == "active"
    assert limit_words(Limit(bound="at_least", value=3, unit="brokers")) == "at least 3"
    assert limit_words(Limit(bound="at_most", value=0.25, unit="seconds")) == "at most 250ms"


@pytest.mark.parametrize(
    ("ending", "words"),
    [
        (failed(how="exit", code=3, output="full"), "exit code 3: full"),
        (failed(how="signal", code=15), "ended by signal 15"),
        (failed(how="timeout", timeout=10), "no end within 10s"),
        (
            failed(how="not_started", output="no such file"),
            "cannot be started: no such file",
        ),
    ],
)
def test_how_a_command_ended(ending: Answer, words: str) -> None:
    assert seen_words(ending) == words
    assert condition_words(Condition(check="command ./check", hold=4)) == "command ./check for 4s"


def test_what_changed_on_a_host() -> None:
    others = HostChanged(host="k1", what="changed_by_others", lines=[f"+ {n}" for n in range(12)])
    assert host_change_words(others).endswith("+ 8; + 9")
    path = HostChanged(
        host="k1", what="path_not_back", kind="network_latency", readings=(said("rtt"),)
    )
    assert "its path is not as before: rtt" in host_change_words(path)


def test_a_notice_says_its_message_or_its_reason() -> None:
    assert notice_words(Notice(source="probe", message="slow")) == "slow"
    reason = RunReason(code="not_quiet", seconds=30)
    doubt = Notice(source="warm-up", reason=reason)
    assert notice_words(doubt) == "the cluster was not quiet within 30 s"


def test_a_word_that_is_not_known_of_a_host_is_taken_for_none() -> None:
    assert (ended_by("lease"), ended_by("magic")) == ("lease", "")
