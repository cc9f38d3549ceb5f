"""One judgement in words."""

from __future__ import annotations

from chaos_runner.verdict.judgement import Judgement
from chaos_runner.wording.amounts import limit_words, observation_words
from chaos_runner.wording.reasons import reason_words


def judgement_words(judgement: Judgement) -> str:
    """Write a tolerance beside what was observed: `ack_p99 at most 500ms: 213ms`."""
    limit, observed = limit_words(judgement.limit), observation_words(judgement.observed)
    return f"{judgement.tolerance} {limit}: {observed}"


def why(judgement: Judgement) -> str:
    """Write its reason in brackets, behind a space; nothing where there is none."""
    return f" ({reason_words(judgement.reason)})" if judgement.reason else ""
