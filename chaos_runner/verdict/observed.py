"""What was seen of one tolerance, in words, with its verdict."""

from __future__ import annotations

from dataclasses import dataclass

from chaos_runner.units import format_percentage
from chaos_runner.verdict.judgement import Verdict


@dataclass(frozen=True)
class Observed:
    """What was observed as text, the verdict, and the reason of any verdict but held."""

    text: str
    verdict: Verdict
    reason: str = ""


def rounded_percentage(count: int, whole: int) -> str:
    """Return a share as text of at most three decimals that never rounds to 0% or to 100%."""
    percent = 100 * count / whole
    rounded = round(percent, 3)
    if count and rounded == 0:
        return "< 0.001%"
    if count < whole and rounded == 100:
        return "> 99.999%"
    return format_percentage(rounded)
