"""Put numbers, times and faults into words people say."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chaos_runner.analysis.latency import Latency, Percentile
    from chaos_runner.report.story.host_view import FaultStory
    from chaos_runner.report.story.model import RunStory

VERDICT_WORDS = {"held": "Held", "deviated": "Deviated", "inconclusive": "Inconclusive"}
NOTHING = "—"
"""Stands where there is no number: nothing was measured."""


def count(number: int) -> str:
    """Write `12000` as `12,000`."""
    return f"{number:,}"


def many(number: int, noun: str) -> str:
    """Write `1 record`, `12,000 records`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def percentage(part: int, whole: int) -> str:
    """Write a share as `0 %`, `0.012 %`; never rounds something down to nothing."""
    if not whole:
        return NOTHING
    share = 100 * part / whole
    if 0 < share < 0.001:
        return "< 0.001 %"
    return f"{share:.3g} %" if share < 10 else f"{share:.1f} %"


def milliseconds(value: float | None, *, bound: bool = False) -> str:
    """Write a latency with three digits that mean something: `4.12 ms`, `412 ms`, `1.24 s`.

    One that is only a lower bound is written as `> 1.24 s`, and as `never` where nothing is
    known of it.
    """
    if value is None:
        return "never" if bound else NOTHING
    more = "> " if bound else ""
    if value >= 1000:
        return f"{more}{value / 1000:.3g} s" if value < 999_500 else f"{more}{value / 1000:,.0f} s"
    return f"{more}{value:.3g} ms" if value < 999.5 else f"{more}1 s"


def percentiles(latency: Latency, *names: Percentile) -> str:
    """Write percentiles that belong together, with one unit where one will do: `4 / 9.4 ms`."""
    values = [getattr(latency, name) for name in names]
    texts = [
        milliseconds(value, bound=name in latency.bounds)
        for name, value in zip(names, values, strict=True)
    ]
    if set(texts) == {NOTHING}:
        return NOTHING
    if all(value is not None and value < 999.5 for value in values):
        return " / ".join(text.removesuffix(" ms") for text in texts) + " ms"
    return " / ".join(texts)


def duration(seconds: float) -> str:
    """Write `0.4 s`, `30 s`, `2 min 5 s`, `1 h 2 min`."""
    if seconds < 9.95:
        return f"{seconds:.1f} s".replace(".0 s", " s")
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def offset(seconds: float) -> str:
    """Write a moment of the run as `0:34`, `12:05`, `1:02:05`."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def clock(story: RunStory, elapsed: float) -> str:
    """Write a moment as `14:46:08`, with its day where that is not the day of the start."""
    at = story.clock(elapsed)
    return f"{at:%H:%M:%S}" if at.date() == story.started.date() else f"{at:%Y-%m-%d %H:%M:%S}"


def into_run(story: RunStory, elapsed: float) -> str:
    """Write a moment as `1:08 into the run`."""
    return "after the run" if story.is_over(elapsed) else f"{offset(elapsed)} into the run"


def moment_words(story: RunStory, elapsed: float) -> str:
    """Write when something was, by the clock and into the run."""
    return f"{clock(story, elapsed)} UTC, {into_run(story, elapsed)}"


def names(items: Sequence[str], most: int = 4) -> str:
    """Write `a`, `a and b`, `a, b and c`, `a, b, c and 9 more`."""
    shown = (
        list(items) if len(items) <= most else [*items[: most - 1], f"{len(items) - most + 1} more"]
    )
    if len(shown) < 2:
        return "".join(shown)
    return f"{', '.join(shown[:-1])} and {shown[-1]}"


def what_it_did(fault: FaultStory, hosts: int) -> str:
    """Say what a fault did to so many hosts: `was slowed by 100 ms`, `had kafka stopped`."""
    return fault.outcome if hosts == 1 else re.sub("^was ", "were ", fault.outcome)


def called_by(who: str, why: str) -> str:
    """Write who called a command, and why if a reason was given: `by anna@ops-1: too slow`."""
    return f"by {who}: {why}" if why else f"by {who}"


def sentence(text: str) -> str:
    """Begin with a capital letter and end with a full stop."""
    text = text.strip()
    text = text[:1].upper() + text[1:]
    return text if not text or text.endswith((".", "!", "?")) else f"{text}."
