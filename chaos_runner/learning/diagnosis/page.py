"""The table of causes as a page of the documentation: `python -m …page` prints it."""

from __future__ import annotations

from collections.abc import Iterable

from chaos_runner.learning.diagnosis.cause import Cause, usual_causes
from chaos_runner.learning.diagnosis.diagnose import sign_words

_HEAD = (
    "# Usual causes of deviations\n\n"
    "`chaos-runner diagnose RUN` compares what a run shows with this table. A cause is named only "
    "where each sign that it needs is there and none that rules it out; causes are ranked by the "
    "share of their signs that the run shows. They are hypotheses, never certain. Where none fits, "
    "it says so. This page is written by `scripts/generate` from "
    "`chaos_runner/learning/diagnosis/causes.yml`, which also says how the next "
    "cycle tests each.\n"
)


def causes_page() -> str:
    """Return the page as Markdown."""
    return "\n".join([_HEAD, *(_section(cause) for cause in usual_causes().values())])


def _section(cause: Cause) -> str:
    rules_out = f"- Ruled out where {_words(cause.against)}.\n" if cause.against else ""
    fits = f"- Fits better where {_words(cause.fits)}.\n" if cause.fits else ""
    return (
        f"## {cause.title}\n\n{cause.says}\n\n"
        f"- Needs that {_words(cause.needs)}.\n{fits}{rules_out}"
        f"- Try: {cause.remedy}. Cost: {cause.cost}.\n- Source: {_source(cause.source)}\n"
    )


def _words(signs: Iterable[str]) -> str:
    return "; ".join(sign_words(each) for each in signs)


def _source(source: str) -> str:
    if source.startswith("docs/concepts/"):
        name = source.removeprefix("docs/concepts/")
        return f"[{name.removesuffix('.md').replace('-', ' ')}]({name})"
    return f"<{source}>"


if __name__ == "__main__":
    print(causes_page(), end="")
