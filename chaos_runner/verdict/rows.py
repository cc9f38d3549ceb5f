"""Rows of samples that exceed a limit without a break."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from chaos_runner.verdict.answer import Answer, Answered
from chaos_runner.verdict.judgement import Observation, Verdict


@dataclass(frozen=True)
class Sample:
    """What was seen from one moment to another, and what it says."""

    start: float
    end: float
    observed: Observation | Answer
    verdict: Verdict


def exceeded_row(samples: Iterable[Sample]) -> list[Sample]:
    """Return the exceeding samples since the last one that held."""
    row: list[Sample] = []
    for sample in samples:
        if sample.verdict == "held":
            row = []
        elif sample.verdict == "deviated":
            row.append(sample)
    return row


def longest_row(samples: Iterable[Sample]) -> float:
    """Return the seconds of the longest row of exceeding samples between which none held."""
    longest, start = 0.0, None
    for sample in samples:
        if sample.verdict == "held":
            start = None
        elif sample.verdict == "deviated":
            start = sample.start if start is None else start
            longest = max(longest, sample.end - start)
    return longest


def samples_of_answers(answers: Sequence[Answered], end: float) -> list[Sample]:
    """Return a sample for each answer: it counts until the next one came, the last until `end`."""
    ends = [*(each.ended for each in answers[1:]), end]
    return [
        Sample(each.ended, max(each.ended, until), each.answer, each.answer.verdict)
        for each, until in zip(answers, ends, strict=False)
    ]
