"""A run as spans of OpenTelemetry: one for the run, and below it one a phase and one a fault.

The ids follow from the run's id, so that sending a run again adds nothing new to a trace.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

from chaos_runner.report.exports.plain import plain_line
from chaos_runner.report.story.happenings import happenings_of
from chaos_runner.report.story.host_view import HostFault, HostStory
from chaos_runner.report.story.model import RunStory
from chaos_runner.wording.readings import readings_words

MOST_EVENTS = 1000
"""Of a run; a receiver may keep no more than a hundred."""

Attributes = dict[str, str | int | float | bool]


@dataclass(frozen=True)
class SpanEvent:
    """One moment of a span; `at` is in nanoseconds since 1970."""

    name: str
    at: int
    attributes: Attributes


@dataclass(frozen=True)
class Span:
    """One span; times are in nanoseconds since 1970."""

    trace: int
    identity: int
    parent: int | None
    name: str
    start: int
    end: int
    attributes: Attributes
    error: str = ""
    """Why it is not as it should be; empty where it is."""
    events: tuple[SpanEvent, ...] = ()


def spans_of(story: RunStory) -> tuple[Span, ...]:
    """Return the spans of a run, its own first; what has no end ends with the run."""
    root = _root(story)
    return (root, *_phases(story, root), *_faults(story, root))


def _root(story: RunStory) -> Span:
    happenings = happenings_of(story)
    events = tuple(
        SpanEvent(each.kind, _at(story, each.elapsed), {"message": plain_line(each.text)})
        for each in happenings[:MOST_EVENTS]
    )
    attributes: Attributes = {
        "chaos_runner.run": story.run,
        "chaos_runner.kind": story.kind,
        "chaos_runner.title": plain_line(story.title),
        "chaos_runner.owner": plain_line(story.owner),
        "chaos_runner.verdict": story.verdict or "unfinished",
        "chaos_runner.hosts_state": story.hosts_state,
    }
    if len(happenings) > MOST_EVENTS:
        attributes["chaos_runner.events_left_out"] = len(happenings) - MOST_EVENTS
    wrong = "" if story.verdict == "held" and story.exit_code == 0 else plain_line(story.summary)
    return Span(
        trace=_identity(story.run, 16),
        identity=_identity(f"{story.run} run", 8),
        parent=None,
        name="chaos experiment",
        start=_at(story, 0.0),
        end=_at(story, story.stopped),
        attributes=attributes,
        error=wrong,
        events=events,
    )


def _phases(story: RunStory, root: Span) -> Iterator[Span]:
    verdicts = {judged.phase: judged.verdict for judged in story.judgements}
    for number, span in enumerate(story.phases):
        verdict = verdicts.get(span.phase)
        yield Span(
            trace=root.trace,
            identity=_identity(f"{story.run} phase {number}", 8),
            parent=root.identity,
            name=f"phase {plain_line(span.phase)}",
            start=_at(story, span.start),
            end=_at(story, story.stopped if span.end is None else span.end),
            attributes={"chaos_runner.verdict": verdict} if verdict else {},
            error=verdict if verdict and verdict != "held" else "",
        )


def _faults(story: RunStory, root: Span) -> Iterator[Span]:
    for host in story.hosts:
        for fault in host.faults:
            start = fault.intended if fault.applied is None else fault.applied
            if start is not None:
                yield _fault(story, root, host, fault, start)


def _fault(story: RunStory, root: Span, host: HostStory, fault: HostFault, start: float) -> Span:
    end = max(start, story.stopped) if fault.reverted is None else fault.reverted
    attributes: Attributes = {
        "host.name": plain_line(host.host),
        "chaos_runner.fault": plain_line(fault.fault),
        "chaos_runner.fault.summary": plain_line(fault.summary),
        "chaos_runner.fault.effect": plain_line(readings_words(fault.effect)),
        "chaos_runner.host_state": host.state,
    }
    return Span(
        trace=root.trace,
        identity=_identity(f"{story.run} fault {fault.fault} {host.host}", 8),
        parent=root.identity,
        name=f"fault {plain_line(fault.kind)}",
        start=_at(story, start),
        end=_at(story, end),
        attributes=attributes,
        error=_wrong(host, fault),
    )


def _wrong(host: HostStory, fault: HostFault) -> str:
    if fault.failure:
        return plain_line(f"not applied: {fault.failure}")
    if fault.effect_seen is False:
        return plain_line(f"no effect: {readings_words(fault.effect)}")
    return "" if host.state == "clean" else f"the host is {host.state}"


def _at(story: RunStory, elapsed: float) -> int:
    return round(story.clock(elapsed).timestamp() * 1_000_000) * 1_000


def _identity(name: str, size: int) -> int:
    """Return an id of so many bytes; it is never zero, which no span may have."""
    return int.from_bytes(sha256(name.encode("utf-8", "replace")).digest()[:size], "big") or 1
