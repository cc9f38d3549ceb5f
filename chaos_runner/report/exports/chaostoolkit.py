"""A run as a Chaos Toolkit journal, for `chaos report` and what else reads one.

Chaos Toolkit knows no third verdict: what was inconclusive is `failed` and not `deviated`. Its
report puts the journal's text into Markdown with HTML in it, so what begins a tag, a link or an
image is escaped here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from chaos_runner.report.exports.plain import plain_line
from chaos_runner.report.story.highlights import tolerance_words
from chaos_runner.report.story.host_view import FaultStory
from chaos_runner.report.story.model import PhaseVerdict, RunStory
from chaos_runner.wording.amounts import limit_words, observation_words
from chaos_runner.wording.readings import readings_words

_ESCAPED = str.maketrans({"&": "&amp;", "<": "&lt;", "[": "&#91;"})
_FORMAT_OF = "1.44.0"
"""The version of chaostoolkit-lib whose journals these are like."""
Document = dict[str, object]


def as_chaostoolkit(story: RunStory) -> str:
    """Return the journal as JSON."""
    document: Document = {
        "chaoslib-version": _FORMAT_OF,
        "platform": ", ".join(f"{name} {version}" for name, version in story.versions.items()),
        "node": story.inventory,
        "experiment": _experiment(story),
        **_span(story, 0.0, story.stopped),
        "status": _status(story),
        "deviated": story.verdict == "deviated",
        "steady_states": {
            "before": _steady_state(story, "before"),
            "after": _steady_state(story, "after"),
            "during": [_steady_state(story, "during")],
        },
        "run": [_activity_run(story, fault) for fault in story.faults],
        "rollbacks": [_rollback_run(story, fault) for fault in story.faults],
    }
    return json.dumps(_harmless(document), indent=2) + "\n"


def _status(story: RunStory) -> str:
    codes = {reason.code for reason in story.reasons}
    if "interrupted" in codes:
        return "interrupted"
    if not story.finished:
        return "aborted"
    return "failed" if story.verdict == "inconclusive" else "completed"


def _experiment(story: RunStory) -> Document:
    tolerances = {
        tolerance_words(judgement.tolerance): limit_words(judgement.limit)
        for phase in story.judgements
        for judgement in phase.judgements
    }
    return {
        "version": "1.0.0",
        "title": story.title,
        "description": story.description or story.title,
        "tags": [tag for tag in story.tags if tag],
        "steady-state-hypothesis": {
            "title": "the steady state holds before, during and after the faults",
            "probes": [_probe(story, name, limit) for name, limit in tolerances.items()],
        },
        "method": [_action(story, fault) for fault in story.faults],
        "rollbacks": [_rollback(story, fault) for fault in story.faults],
    }


def _probe(story: RunStory, name: str, limit: str) -> Document:
    return {
        "type": "probe",
        "name": name,
        "tolerance": limit,
        "provider": _provider("probe", story.experiment_file),
    }


def _action(story: RunStory, fault: FaultStory) -> Document:
    return {
        "type": "action",
        "name": f"{fault.summary or fault.kind} on {', '.join(fault.targets)}",
        "provider": _provider("run", story.experiment_file),
    }


def _rollback(story: RunStory, fault: FaultStory) -> Document:
    return {
        "type": "action",
        "name": f"roll back {fault.summary or fault.kind}",
        "provider": _provider("recover", story.run),
    }


def _provider(*arguments: str) -> Document:
    return {"type": "process", "path": "chaos-runner", "arguments": list(arguments)}


def _activity_run(story: RunStory, fault: FaultStory) -> Document:
    start = fault.on if fault.on is not None else story.stopped
    end = fault.off if fault.off is not None else story.stopped
    hosts = {
        host.host: own.failure or readings_words(own.effect)
        for host in story.hosts
        for own in host.faults
        if own.fault == fault.fault
    }
    return {
        "activity": _action(story, fault),
        **_span(story, start, max(start, end)),
        "status": "succeeded" if fault.on is not None else "failed",
        "output": hosts,
    }


def _rollback_run(story: RunStory, fault: FaultStory) -> Document:
    hosts = [host for host in story.hosts if any(own.fault == fault.fault for own in host.faults)]
    clean = all(host.state in ("clean", "untouched") for host in hosts)
    at = fault.off if fault.off is not None else story.stopped
    return {
        "activity": _rollback(story, fault),
        **_span(story, at, at),
        "status": "succeeded" if clean else "failed",
        "output": {host.host: host.state for host in hosts},
    }


def _steady_state(story: RunStory, phase: str) -> Document:
    judged = next((each for each in story.judgements if each.phase == phase), None)
    met = None if judged is None else judged.verdict == "held"
    probes = list(_probe_runs(story, judged)) if judged else []
    return {"steady_state_met": met, "probes": probes}


def _probe_runs(story: RunStory, judged: PhaseVerdict) -> Iterator[Document]:
    span = next((span for span in story.phases if span.phase == judged.phase), None)
    start = span.start if span else 0.0
    end = story.stopped if span is None or span.end is None else span.end
    for judgement in judged.judgements:
        name = tolerance_words(judgement.tolerance)
        yield {
            "activity": _probe(story, name, limit_words(judgement.limit)),
            **_span(story, start, end),
            "status": "failed" if judgement.verdict == "inconclusive" else "succeeded",
            "output": observation_words(judgement.observed),
            "tolerance_met": judgement.verdict == "held",
        }


def _span(story: RunStory, start: float, end: float) -> Document:
    moments = (story.clock(elapsed).replace(tzinfo=None).isoformat() for elapsed in (start, end))
    return {**dict(zip(("start", "end"), moments, strict=True)), "duration": end - start}


def _harmless(value: object) -> object:
    """Return the document with every text on one line, and without markup in it."""
    if isinstance(value, str):
        return plain_line(value).translate(_ESCAPED)
    if isinstance(value, dict):
        return {str(_harmless(key)): _harmless(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_harmless(each) for each in value]
    return value
