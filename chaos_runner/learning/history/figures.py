"""The figures of runs in words."""

from __future__ import annotations

from math import isinf

from chaos_runner.learning.history.facts import Figure, FigureName
from chaos_runner.report.story.formatting import duration
from chaos_runner.wording.amounts import share_words

FIGURE_WORDS: dict[FigureName, str] = {
    "loss": "loss",
    "notice": "time to notice",
    "fail_over": "time to fail over",
    "recover": "time to recover",
    "outage": "longest outage",
}
_NONE = "-"


def amount_words(figure: FigureName, value: float) -> str:
    """Write a figure as `0.4%` or `12 s`."""
    if isinf(value):
        return "without end" if value > 0 else "not at all"
    return share_words(value) if figure == "loss" else duration(value)


def figure_words(figure: FigureName, found: Figure | None) -> str:
    """Write a figure of a run; `> 12 s` where its end was not seen."""
    if found is None:
        return _NONE
    return f"{'> ' if found.censored else ''}{amount_words(figure, found.value)}"
