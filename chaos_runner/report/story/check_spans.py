"""When checks failed, and when alerts fired, put together from single answers."""

from __future__ import annotations

from collections.abc import Iterable

from chaos_runner.journal.events import CheckAnswered, Event
from chaos_runner.report.story.model import CheckSpan


def check_spans(events: Iterable[Event]) -> tuple[CheckSpan, ...]:
    """Return the spans of each check, each from the first such answer to the first other one."""
    open_spans: dict[str, CheckSpan] = {}
    spans: list[CheckSpan] = []
    for event in events:
        if not isinstance(event, CheckAnswered):
            continue
        fires = event.answer.count > 0 and event.answer.how == "alerts"
        shown = fires or event.answer.verdict == "deviated"
        span = open_spans.get(event.check)
        if shown and span is None:
            start = CheckSpan(check=event.check, start=event.asked, end=None, fires=fires)
            open_spans[event.check] = start
        elif not shown and span is not None:
            spans.append(span.model_copy(update={"end": event.asked}))
            del open_spans[event.check]
    return tuple(sorted([*spans, *open_spans.values()], key=lambda span: span.start))
