from __future__ import annotations

import pytest
from junitparser import Error, Failure, JUnitXml, Skipped, TestCase, TestSuite

from chaos_runner.report.exports.junit import as_junit
from tests.unit.report import journals
from tests.unit.report.journal_writer import JournalWriter, latency_fault
from tests.unit.report.stories import story_of

RESULTS = {Failure: "failure", Error: "error", Skipped: "skipped"}
ALL = ("held", "deviated", "inconclusive", "killed", "dirty", "hostile")


def suites_of(name: str) -> dict[str, TestSuite]:
    text = as_junit(story_of(getattr(journals, name)()))
    title = "A slow broker loses nothing: "
    return {suite.name.removeprefix(title): suite for suite in JUnitXml.fromstring(text.encode())}


def outcomes(suite: TestSuite) -> dict[str, str]:
    def outcome(case: TestCase) -> str:
        return ", ".join(RESULTS[type(result)] for result in case.result) or "passed"

    return {case.name: outcome(case) for case in suite}


def test_a_run_that_held_passes_for_each_tolerance_phase_and_host() -> None:
    suites = suites_of("held")
    assert list(suites) == [
        "verdict",
        "steady state before",
        "steady state during",
        "steady state after",
        "hosts",
    ]
    assert outcomes(suites["verdict"]) == {"verdict": "passed"}
    assert outcomes(suites["steady state during"]) == {
        "loss at most 0%": "passed",
        "ack p99 at most 500ms": "passed",
    }
    assert outcomes(suites["hosts"]) == {"kafka-4": "passed"}
    assert suites["steady state during"].time == 30
    assert suites["steady state during"].timestamp == "2026-11-23T14:45:36"


def test_what_deviated_is_a_failure_that_says_what_was_allowed() -> None:
    suites = suites_of("deviated")
    during = suites["steady state during"]
    assert outcomes(during) == {"loss at most 0%": "passed", "ack p99 at most 500ms": "failure"}
    (failed,) = [case for case in during if case.result]
    assert failed.result[0].message == "ack p99 was 640ms, allowed at most 500ms"
    assert failed.result[0].type == "deviated"
    assert outcomes(suites["verdict"]) == {"verdict": "failure"}


def test_what_could_not_be_judged_is_an_error_with_its_reason() -> None:
    suites = suites_of("inconclusive")
    (case,) = [case for case in suites["steady state during"] if case.result]
    assert isinstance(case.result[0], Error)
    assert case.result[0].message.startswith("ack p99 could not be judged: ")
    assert "the reader did not reach the end" in case.result[0].message
    assert outcomes(suites["verdict"]) == {"verdict": "error"}


def test_a_dirty_host_fails_with_the_lines_that_differ() -> None:
    (case,) = suites_of("dirty")["hosts"]
    assert isinstance(case.result[0], Failure)
    assert "+ qdisc prio c4a0: root" in case.result[0].text


def test_a_run_that_broke_off_passes_nowhere() -> None:
    suites = suites_of("killed")
    assert outcomes(suites["verdict"]) == {"verdict": "error"}
    assert outcomes(suites["hosts"]) == {"kafka-4": "error"}


def test_a_host_that_was_never_touched_is_skipped() -> None:
    journal = JournalWriter()
    journal.start([latency_fault()])
    (*_, hosts) = JUnitXml.fromstring(as_junit(story_of(journal)).encode())
    assert outcomes(hosts) == {"kafka-4": "skipped"}


@pytest.mark.parametrize("name", ALL)
def test_the_sums_are_those_of_the_cases(name: str) -> None:
    document = JUnitXml.fromstring(as_junit(story_of(getattr(journals, name)())).encode())
    written = (document.tests, document.failures, document.errors)
    document.update_statistics()
    assert written == (document.tests, document.failures, document.errors)


def test_characters_that_xml_cannot_carry_are_left_out() -> None:
    journal = JournalWriter()
    journal.start([latency_fault(targets=["a\x00\x08b\ufffe\x1b[2J"])], title="x\x0b]]><y>")
    document = JUnitXml.fromstring(as_junit(story_of(journal)).encode())
    assert document.name == "x]]><y>"
    assert [case.name for suite in document for case in suite] == ["verdict", "ab[2J"]
