"""What the page shows of a run, as plain data. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from chaos_runner.analysis.arrivals import Quantile
from chaos_runner.live.run_state import RunState
from chaos_runner.live_page.parts.bounded_text import text_of
from chaos_runner.report.story.formatting import NOTHING, milliseconds
from chaos_runner.verdict.safeguards import SafeguardStanding
from chaos_runner.wording.checks import answer_words
from chaos_runner.wording.load import load_report_words
from chaos_runner.wording.run_reasons import run_reason_words, zone_words
from chaos_runner.wording.safeguards import condition_words, seen_words

MOST_HOSTS = 200
"""Hosts that are named, those that are not as they should be first."""
_HOST_ORDER = ("dirty", "unknown", "failed", "fault on", "fault off", "untouched", "clean")


@dataclass(frozen=True)
class Happened:
    """One line of what happened in a run."""

    at: datetime
    level: str
    host: str
    text: str


def run_part(
    key: str,
    state: RunState | None,
    happened: Iterable[Happened],
    problem: str,
    *,
    is_on: bool,
) -> dict[str, object]:
    """Return what is shown of a run; `problem` says why its journal is followed no more."""
    part: dict[str, object] = {
        "kind": "run",
        "run": text_of(key),
        "on": is_on,
        "problem": text_of(problem),
    }
    return part if state is None else {**part, **_run(state, happened)}


def _run(state: RunState, happened: Iterable[Happened]) -> dict[str, object]:
    outline, finished = state.outline, state.finished
    p50, p99 = state.latency_now()
    return {
        "title": text_of(outline.title),
        "of": outline.kind,
        "phase": state.phase,
        "began": state.phase_began.timestamp(),
        "length": outline.lengths.get(state.phase),
        "limit": outline.limits.get(state.phase),
        "waits_for": text_of(state.waits_for),
        "verdict": finished.verdict if finished else "",
        "reasons": [text_of(run_reason_words(each)) for each in finished.reasons]
        if finished
        else [],
        "judged": [{"phase": phase, "verdict": each} for phase, each in state.judged.items()],
        "hosts": _hosts(state),
        "host_states": Counter(state.hosts.values()),
        "course": [text_of(line) for line in state.course.lines()],
        "records": {
            "produced": state.count("scheduled") - state.count("rejected"),
            "acknowledged": state.count("acked"),
            "consumed": state.count("consumed"),
            "lost": state.count("lost"),
            "on the way": state.count("not_yet_consumed"),
        },
        "latency": _latency(p50, p99),
        "groups": _groups(state),
        "load": load_report_words(state.load) if state.load else "",
        "safeguards": [_safeguard(each) for each in state.standings()],
        "tripped": _tripped(state),
        "checks": [
            {
                "name": text_of(name),
                "verdict": answer.verdict,
                "text": text_of(answer_words(answer)),
            }
            for name, answer in state.checks.items()
        ],
        "again": [
            {"host": text_of(each.host), "text": text_of(each.text), "times": each.times}
            for each in state.notices.repeated()
        ],
        "happened": [
            {
                "at": each.at.timestamp(),
                "level": each.level,
                "host": text_of(each.host),
                "text": text_of(each.text),
            }
            for each in happened
        ],
    }


def _hosts(state: RunState) -> list[dict[str, object]]:
    on = state.course.on_hosts()
    order = {name: place for place, name in enumerate(_HOST_ORDER)}
    worst_first = sorted(state.hosts.items(), key=lambda each: order.get(each[1], 0))
    return [
        {
            "name": text_of(host),
            "state": word,
            "faults": [text_of(f"{each.kind}: {each.summary}") for each in on.get(host, [])],
        }
        for host, word in islice(worst_first, MOST_HOSTS)
    ]


def _groups(state: RunState) -> list[dict[str, object]]:
    """Return a row for each exposure group, then for each zone."""
    shares, of_zones = state.availability_now(), state.availability_of_zones()
    groups: list[dict[str, object]] = [
        {
            "name": group.label,
            "acknowledged": shares.get(group),
            **_latency(*percentiles),
        }
        for group, percentiles in state.latency_of_groups().items()
    ]
    return groups + [
        {
            "name": text_of(zone_words([zone])),
            "acknowledged": of_zones.get(zone),
            **_latency(*percentiles),
        }
        for zone, percentiles in islice(state.latency_of_zones().items(), MOST_HOSTS)
    ]


def _latency(p50: Quantile | None, p99: Quantile | None) -> dict[str, str]:
    return {"p50": _milliseconds(p50), "p99": _milliseconds(p99)}


def _milliseconds(value: Quantile | None) -> str:
    if value is None or value.never:
        return NOTHING
    return milliseconds(value.milliseconds, bound=value.beyond)


def _safeguard(standing: SafeguardStanding) -> dict[str, object]:
    observed = standing.observed
    return {
        "text": text_of(condition_words(standing.safeguard)),
        "seen": text_of(seen_words(observed)) if observed is not None else NOTHING,
        "exceeded_for": round(standing.exceeded_for, 1),
        "hold": standing.safeguard.hold,
    }


def _tripped(state: RunState) -> str:
    tripped = state.safeguards.tripped
    if tripped is None:
        return ""
    return text_of(f"{condition_words(tripped.safeguard)}: {seen_words(tripped.observed)}")
