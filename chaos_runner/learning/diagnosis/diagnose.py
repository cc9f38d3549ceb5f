"""Which usual causes fit a run, ranked by fit, each with its evidence. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from chaos_runner.journal.contents import ReadJournal
from chaos_runner.learning.diagnosis import (
    signs_of_records,
    signs_of_settings,
    signs_of_the_cluster,
)
from chaos_runner.learning.diagnosis.cause import Cause, usual_causes
from chaos_runner.learning.diagnosis.observed import ObservedRun, observed_run
from chaos_runner.learning.diagnosis.sign import SIGNS, Sign
from chaos_runner.report.story.formatting import moment_words
from chaos_runner.report.story.model import RunStory
from chaos_runner.wording.judgements import judgement_words

LOOKED_FOR = (signs_of_records, signs_of_settings, signs_of_the_cluster)
"""The modules whose signs are registered by importing them."""


@dataclass(frozen=True)
class FittingCause:
    """One cause that may be it: what speaks for it, and what could not be looked at."""

    name: str
    cause: Cause
    evidence: tuple[str, ...]
    """Of the signs that are there."""
    missing: tuple[str, ...]
    """Signs that are not there."""
    not_known: tuple[str, ...]
    """What the journal does not say."""

    @property
    def fit(self) -> float:
        """Return the share of its signs that the run shows, 0 to 1."""
        return len(self.evidence) / len(self.cause.signs)


@dataclass(frozen=True)
class Diagnosis:
    """What a run shows, and which causes fit it; no cause where none of the usual ones does."""

    run: str
    deviations: tuple[str, ...]
    """Tolerance by tolerance, with phase and figures."""
    groups: tuple[str, ...]
    """What each exposure group went through."""
    events: tuple[str, ...]
    """What the cluster reported since the fault, in order."""
    causes: tuple[FittingCause, ...]
    """The best fitting first."""


def diagnose(journal: ReadJournal, story: RunStory) -> Diagnosis:
    """Return what fits a run; `story` is that of the journal."""
    run = observed_run(journal, story)
    return Diagnosis(
        run=story.run,
        deviations=tuple(f"{phase}: {judgement_words(each)}" for phase, each in run.deviated),
        groups=_groups(run),
        events=_events(run),
        causes=fitting_causes(run),
    )


def fitting_causes(run: ObservedRun) -> tuple[FittingCause, ...]:
    """Return the usual causes that a run does not rule out, the best fitting first."""
    seen = {name: look(run) for name, look in SIGNS.items()}
    fitting = [
        _fitting(name, cause, seen)
        for name, cause in usual_causes().items()
        if all(seen[need].state == "there" for need in cause.needs)
        and not any(seen[other].state == "there" for other in cause.against)
    ]
    return tuple(sorted(fitting, key=lambda each: (-each.fit, -len(each.evidence))))


def _fitting(name: str, cause: Cause, seen: dict[str, Sign]) -> FittingCause:
    states = [(each, seen[each]) for each in cause.signs]
    return FittingCause(
        name,
        cause,
        evidence=tuple(found.evidence for _, found in states if found.state == "there"),
        missing=tuple(sign_words(each) for each, found in states if found.state == "not there"),
        not_known=tuple(found.evidence for _, found in states if found.state == "not known"),
    )


def sign_words(name: str) -> str:
    """Return what a sign means: the first line of its function's docstring."""
    words = (SIGNS[name].__doc__ or name).splitlines()[0].removeprefix("Look whether ")
    return words.rstrip(".")


_GROUPS = (
    signs_of_records.led_by_a_target_worse,
    signs_of_records.replicated_on_a_target_worse,
    signs_of_records.control_worse,
)


def _groups(run: ObservedRun) -> tuple[str, ...]:
    found = (look(run) for look in _GROUPS)
    return tuple(each.evidence for each in found if each.state == "there")


def _events(run: ObservedRun) -> tuple[str, ...]:
    """Return what the cluster reported since the fault, each kind when it was first seen."""
    words: dict[str, float] = {}
    for each in run.since:
        for kind, number in (
            ("leaders moved", each.leader_moves),
            ("replicas fell out of sync", each.isr_shrinks),
            ("replicas came back in sync", each.isr_expands),
            ("partitions were without a leader", each.offline),
            ("partitions were below min.insync.replicas", each.under_min_isr or 0),
        ):
            if number:
                words.setdefault(kind, each.elapsed)
    entries = sorted((elapsed, text) for text, elapsed in words.items())
    return tuple(f"{moment_words(run.story, elapsed)}: {text}" for elapsed, text in entries)
