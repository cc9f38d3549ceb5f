"""What the newest runs say of a finding: still shown, verified, or back again. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from chaos_runner.learning.findings.model import Evidence, Finding
from chaos_runner.learning.findings.proposal import evidence_of
from chaos_runner.learning.history.facts import JudgedTolerance, RunFacts

Advice = Literal["verify", "reopen", "not comparable", "wait"]
"""`verify`: its tolerances hold now; `reopen`: one deviates again; `not comparable`: the newest run
does not judge them, or tolerates something else; `wait`: there is no newer run that could say."""


@dataclass(frozen=True)
class Review:
    """What to do with a finding, by which run, and why."""

    advice: Advice
    why: str
    run: RunFacts | None = None


def review(finding: Finding, runs: Sequence[RunFacts]) -> Review:
    """Return what the runs say of a finding; `runs` in any order, of any experiment."""
    shown = {each.run for each in finding.evidence}
    known = [run for run in runs if run.run in shown]
    since = max((run.started for run in known), default=None)
    telling = [
        run
        for run in runs
        if run.experiment == finding.experiment
        and run.kind == "run"
        and run.verdict in ("held", "deviated")
        and run.run not in shown
        and (since is None or run.started > since)
    ]
    if not telling:
        return Review("wait", f"no newer run of {finding.experiment} held or deviated")
    newest = max(telling, key=lambda run: (run.started, run.run))
    return _by(finding, newest)


def _by(finding: Finding, run: RunFacts) -> Review:
    deviated = _deviated(finding, run)
    if deviated:
        words = ", ".join(f"{each.tolerance} {each.limit}: {each.observed}" for each in deviated)
        if finding.state in ("verified", "to be verified"):
            return Review("reopen", f"it deviates again: {words}", run)
        return Review("wait", f"the newest run shows it, too: {words}", run)
    if run.verdict == "deviated" and not finding.tolerances:
        again = finding.state in ("verified", "to be verified")
        return Review("reopen" if again else "wait", "the newest run deviated", run)
    if finding.state in ("verified", "accepted risk"):
        return Review("wait", "the newest run holds", run)
    differs = _not_comparable(finding, run)
    if differs:
        return Review("not comparable", differs, run)
    return Review("verify", "its tolerances hold in the newest run", run)


def _deviated(finding: Finding, run: RunFacts) -> list[JudgedTolerance]:
    return [each for each in run.details.deviated if each.tolerance in finding.tolerances]


def _not_comparable(finding: Finding, run: RunFacts) -> str:
    """Return why a run without deviation does not show the improvement; empty where it does."""
    for each in finding.evidence:
        if each.tolerance is None:
            continue
        judged = [one for one in run.details.judged if one.tolerance == each.tolerance]
        if each.phase is not None:
            judged = [one for one in judged if one.phase == each.phase]
        if not judged:
            return f"the newest run does not judge {each.tolerance}"
        if any(one.verdict != "held" for one in judged):
            return f"the newest run could not judge {each.tolerance}"
        limits = {one.limit for one in judged}
        if each.limit is not None and limits != {each.limit}:
            now = " and ".join(sorted(limits))
            return f"{each.tolerance} tolerated {each.limit}, and tolerates {now} now"
    return ""


def observed_in(finding: Finding, run: RunFacts) -> dict[str, str]:
    """Return what a run observed of the finding's tolerances, in the phases of its evidence."""
    phases = {(each.tolerance, each.phase) for each in finding.evidence}
    return {
        each.tolerance: each.observed
        for each in run.details.judged
        if (each.tolerance, each.phase) in phases or (each.tolerance, None) in phases
    }


def shown_again(finding: Finding, run: RunFacts) -> list[Evidence]:
    """Return the finding's evidence, with that of a run that shows it again."""
    new = [
        each
        for each in evidence_of(run)
        if not finding.tolerances or each.tolerance in finding.tolerances
    ]
    return [*finding.evidence, *new]
