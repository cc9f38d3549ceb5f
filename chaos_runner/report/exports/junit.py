"""A run as JUnit XML: a case for the verdict, each tolerance, check and phase, and each host.

What deviated or is dirty is a failure. What could not be seen is an error, with the reason: CI
must not take it for a pass. A host that was never touched is skipped.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from chaos_runner.report.exports.plain import plain, plain_line
from chaos_runner.report.story.highlights import judgement_words, tolerance_words
from chaos_runner.report.story.host_view import HostStory
from chaos_runner.report.story.model import PhaseVerdict, RunStory
from chaos_runner.verdict.checks import CheckJudgement
from chaos_runner.verdict.judgement import Judgement, Verdict
from chaos_runner.wording.amounts import limit_words
from chaos_runner.wording.checks import check_words, why_check
from chaos_runner.wording.run_reasons import zone_words

Outcome = Literal["failure", "error", "skipped"]
_OUTCOMES: dict[Verdict | None, Outcome | None] = {
    "held": None,
    "deviated": "failure",
    "inconclusive": "error",
    None: "error",
}
_HOST_OUTCOMES: dict[str, Outcome | None] = {
    "clean": None,
    "dirty": "failure",
    "unknown": "error",
    "untouched": "skipped",
}


@dataclass(frozen=True)
class Case:
    """One thing that was judged; `outcome` is None where it is as it should be."""

    name: str
    outcome: Outcome | None
    kind: str
    """The verdict or the host's state."""
    message: str
    detail: str = ""


@dataclass(frozen=True)
class Suite:
    """Cases that belong together, when they began, and for how long they took, in seconds."""

    name: str
    start: float
    seconds: float
    cases: tuple[Case, ...]

    def count(self, outcome: Outcome) -> int:
        """Return how many of its cases ended so."""
        return sum(case.outcome == outcome for case in self.cases)


def as_junit(story: RunStory) -> str:
    """Return the run as JUnit XML, as Jenkins, GitLab and others read it."""
    suites = [
        Suite("verdict", 0.0, story.stopped, (_verdict_case(story),)),
        *(_phase_suite(story, phase) for phase in story.judgements),
        *_host_suites(story),
    ]
    root = Element("testsuites", name=plain_line(story.title), time=f"{story.stopped:.3f}")
    _count(root, suites)
    for suite in suites:
        _add_suite(root, story, suite)
    indent(root)
    return tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _verdict_case(story: RunStory) -> Case:
    outcome = _OUTCOMES[story.verdict]
    remarks = "\n".join(remark.text for remark in story.remarks if remark.level != "info")
    return Case("verdict", outcome, story.verdict or "unfinished", story.summary, remarks)


def _phase_suite(story: RunStory, phase: PhaseVerdict) -> Suite:
    span = next((span for span in story.phases if span.phase == phase.phase), None)
    start = span.start if span else 0.0
    end = story.stopped if span is None or span.end is None else span.end
    cases = [_judgement_case(judgement) for judgement in phase.judgements]
    cases += [
        _judgement_case(judgement, f"{zone_words([zone])}: ")
        for zone, judgements in phase.zones.items()
        for judgement in judgements
    ]
    cases += [_check_case(check) for check in phase.checks]
    return Suite(f"steady state {phase.phase}", start, end - start, tuple(cases))


def _judgement_case(judgement: Judgement, where: str = "") -> Case:
    return Case(
        name=f"{where}{tolerance_words(judgement.tolerance)} {limit_words(judgement.limit)}",
        outcome=_OUTCOMES[judgement.verdict],
        kind=judgement.verdict,
        message=f"{where}{judgement_words(judgement)}",
    )


def _check_case(judgement: CheckJudgement) -> Case:
    return Case(
        name=f"check {judgement.check}",
        outcome=_OUTCOMES[judgement.verdict],
        kind=judgement.verdict,
        message=f"{check_words(judgement)}{why_check(judgement)}",
    )


def _host_suites(story: RunStory) -> Iterator[Suite]:
    if story.hosts:
        cases = tuple(_host_case(host) for host in story.hosts)
        ended = max((host.verified or 0.0 for host in story.hosts), default=0.0)
        yield Suite("hosts", ended, 0.0, cases)


def _host_case(host: HostStory) -> Case:
    words = {
        "dirty": "is not as it was",
        "unknown": "is not proved to be as it was",
        "untouched": "was a target and was never touched",
    }
    message = f"host {host.host} {words.get(host.state, 'is clean')}"
    if host.message:
        message += f": {host.message}"
    differences = "\n".join(host.differences)
    return Case(host.host, _HOST_OUTCOMES[host.state], host.state, message, differences)


def _add_suite(root: Element, story: RunStory, suite: Suite) -> None:
    node = SubElement(
        root,
        "testsuite",
        name=f"{plain_line(story.title)}: {suite.name}",
        time=f"{max(suite.seconds, 0.0):.3f}",
        timestamp=f"{story.clock(suite.start):%Y-%m-%dT%H:%M:%S}",
    )
    _count(node, [suite])
    if suite.name == "verdict":
        _add_properties(node, story)
    # Jenkins takes what stands before the last dot for a package.
    group = f"{plain_line(story.title).replace('.', '_')}.{suite.name}"
    for case in suite.cases:
        child = SubElement(node, "testcase", classname=group, name=plain_line(case.name))
        if case.outcome is not None:
            outcome = SubElement(
                child, case.outcome, type=case.kind, message=plain_line(case.message)
            )
            outcome.text = plain(case.detail or case.message)


def _count(node: Element, suites: Sequence[Suite]) -> None:
    node.set("tests", str(sum(len(suite.cases) for suite in suites)))
    node.set("failures", str(sum(suite.count("failure") for suite in suites)))
    node.set("errors", str(sum(suite.count("error") for suite in suites)))
    if node.tag == "testsuite":
        node.set("skipped", str(sum(suite.count("skipped") for suite in suites)))


def _add_properties(node: Element, story: RunStory) -> None:
    facts = {
        "run": story.run,
        "kind": story.kind,
        "experiment": story.experiment_file,
        "owner": story.owner,
        "tags": ", ".join(story.tags),
        "exit code": "" if story.exit_code is None else str(story.exit_code),
        **story.versions,
    }
    properties = SubElement(node, "properties")
    for name, value in facts.items():
        if value:
            SubElement(properties, "property", name=plain_line(name), value=plain_line(value))
