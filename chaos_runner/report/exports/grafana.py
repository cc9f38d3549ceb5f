"""A run as Grafana annotations: a list of bodies for `POST /api/annotations`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from html import escape

from chaos_runner.report.exports.plain import plain_line
from chaos_runner.report.story.happenings import fault_windows, happenings_of
from chaos_runner.report.story.model import RunStory


def as_grafana(story: RunStory) -> str:
    """Return the annotations as JSON: the run, its phases, its faults, and what happened.

    Grafana shows the text as HTML, so what comes from elsewhere is escaped.
    """
    return json.dumps(list(_annotations(story)), indent=2) + "\n"


def _annotations(story: RunStory) -> Iterator[dict[str, object]]:
    yield _annotation(story, "run", 0.0, story.stopped, f"{story.title}: {story.summary}")
    for span in story.phases:
        end = story.stopped if span.end is None else span.end
        yield _annotation(story, "phase", span.start, end, f"phase {span.phase}")
    for window in fault_windows(story):
        end = story.stopped if window.end is None else window.end
        seen = "" if window.end is not None else " (its end was not seen)"
        yield _annotation(story, "fault", window.start, end, f"{window.text}{seen}")
    for check in story.check_spans:
        end = story.stopped if check.end is None else check.end
        text = f"{check.check} {'fires' if check.fires else 'fails'}"
        yield _annotation(story, "check", check.start, end, text)
    for each in happenings_of(story):
        yield _annotation(story, each.kind, each.elapsed, each.elapsed, each.text)


def _annotation(
    story: RunStory, kind: str, start: float, end: float, text: str
) -> dict[str, object]:
    tags = ["chaos-runner", kind, story.run, *story.tags]
    return {
        "time": _milliseconds(story, start),
        "timeEnd": _milliseconds(story, end),
        "tags": list(dict.fromkeys(plain_line(tag) for tag in tags)),
        "text": escape(plain_line(text)),
    }


def _milliseconds(story: RunStory, elapsed: float) -> int:
    return round(story.clock(elapsed).timestamp() * 1000)
