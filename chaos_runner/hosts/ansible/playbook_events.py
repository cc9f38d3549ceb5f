"""Turn the events of an Ansible run into one outcome per host.

The exit status of ansible-playbook is no witness: it is 0 after `clear_host_errors` with a host
still unreachable, and 4 for an unreachable host as well as for a broken playbook. So each host's
own events decide. Pure functions of the event list.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from chaos_runner.hosts.ansible.bounded_ssh import TOO_MUCH
from chaos_runner.hosts.guard import answers_in
from chaos_runner.hosts.guard_answer import GuardAnswer
from chaos_runner.hosts.outcome import HostOutcome
from chaos_runner.hosts.readable import first_lines
from chaos_runner.hosts.step_result import why_failed, why_unanswered, why_unreachable

Event = Mapping[str, object]

_RESULT_EVENTS = ("runner_on_ok", "runner_on_failed", "runner_on_unreachable")
_RECAP_KEYS = ("processed", "failures", "dark")

_RESULT_KEYS = (
    "stdout", "stderr", "module_stdout", "module_stderr", "exception", "msg", "rc", "failed",
)  # fmt: skip
_MOST_KEPT = 1_048_576
"""Characters that are kept of any text of a host; an answer has some thousands."""
_CHARACTERS_OF_THE_END = 300
_MOST_ITEMS = 20
"""Results of a loop that are kept; our playbooks have none."""


def kept(event: Event) -> Event:
    """Return what is read of an event, in bounded size: a host may print without end."""
    data = _mapping(event.get("event_data"))
    rest = {key: data[key] for key in ("host", "task", *_RECAP_KEYS) if key in data}
    if "res" in data:
        rest["res"] = _kept_result(_mapping(data["res"]))
    text = str(event.get("stdout", ""))[:_MOST_KEPT]
    return {"event": event.get("event"), "stdout": text, "event_data": rest}


def _kept_result(result: Mapping[str, object]) -> dict[str, object]:
    short = _kept_values(result)
    items = result.get("results")
    if isinstance(items, list):
        short["results"] = [_kept_values(_mapping(item)) for item in items[:_MOST_ITEMS]]
    return short


def _kept_values(result: Mapping[str, object]) -> dict[str, object]:
    """Return numbers as they are, and everything else as text that has an end."""
    return {
        key: value if isinstance(value := result[key], int | None) else str(value)[:_MOST_KEPT]
        for key in _RESULT_KEYS
        if key in result
    }


@dataclass(frozen=True)
class _Statistics:
    """The recap of a playbook that ran to its end."""

    processed: frozenset[str]
    failed: frozenset[str]
    unreachable: frozenset[str]


def outcomes_of(
    events: Sequence[Event], hosts: Iterable[str], token: str | None = None
) -> dict[str, HostOutcome]:
    """Return the outcome of every host asked for, in that order.

    `events` are those of ansible-runner, as its event handler gets them. With a token only those
    answers of a guard count that repeat it.
    """
    statistics = _statistics_of(events)
    by_host: dict[str | None, list[Event]] = {}
    for event in events:
        by_host.setdefault(_host_of(event), []).append(event)
    return {
        host: _outcome_of(host, by_host.get(host, []), events, statistics, token) for host in hosts
    }


def _outcome_of(
    host: str,
    own: Sequence[Event],
    events: Sequence[Event],
    recap: _Statistics | None,
    token: str | None,
) -> HostOutcome:
    answers = tuple(answer for event in own for answer in _answers_of(_result_of(event), token))
    unreachable = [event for event in own if event.get("event") == "runner_on_unreachable"]
    failed = [event for event in own if event.get("event") == "runner_on_failed"]
    if unreachable or (recap and host in recap.unreachable):
        result = _result_of(unreachable[-1]) if unreachable else {}
        return HostOutcome("unreachable", why_unreachable(result), answers)
    if failed and (recap is None or host in recap.failed):
        return HostOutcome("failed", _failure_message(failed[-1], token), answers)
    if recap is None or host not in recap.processed:
        return HostOutcome("missing", _missing_message(events, own), answers)
    wanted = token is not None and not answers and own
    message = why_unanswered(_result_of(own[-1])) if wanted else ""
    return HostOutcome("ok", message, answers)


def _statistics_of(events: Iterable[Event]) -> _Statistics | None:
    for event in events:
        if event.get("event") == "playbook_on_stats":
            data = _mapping(event.get("event_data"))
            return _Statistics(
                processed=frozenset(_mapping(data.get("processed"))),
                failed=frozenset(_mapping(data.get("failures"))),
                unreachable=frozenset(_mapping(data.get("dark"))),
            )
    return None


def _answers_of(result: Mapping[str, object], token: str | None) -> Iterator[GuardAnswer]:
    stdout = result.get("stdout")
    if isinstance(stdout, str):
        yield from answers_in(stdout, token)
    items = result.get("results")
    if isinstance(items, list):
        for item in items:
            yield from _answers_of(_mapping(item), token)


def _failure_message(event: Event, token: str | None) -> str:
    result = _result_of(event)
    refusals = [answer.problem for answer in _answers_of(result, token) if answer.problem]
    text = refusals[-1] if refusals else _given_up(result) or why_failed(result)
    task = str(_mapping(event.get("event_data")).get("task", "")).strip()
    return f"{task}: {text}" if task else text


def _given_up(result: Mapping[str, object]) -> str:
    """Return how ssh was ended where the host said more than it may; empty where it was not."""
    end = str(result.get("stderr", ""))[-_CHARACTERS_OF_THE_END:].splitlines()
    return next((first_lines(line) for line in reversed(end) if line.startswith(TOO_MUCH)), "")


def _missing_message(events: Sequence[Event], own: Sequence[Event]) -> str:
    if own:
        done = sum(event.get("event") == "runner_on_ok" for event in own)
        return f"the playbook was ended after {done} of its steps on this host"
    said = [str(event.get("stdout", "")) for event in events]
    errors = [text for text in said if text.startswith(("[ERROR]", "ERROR!", "Error"))]
    if errors:
        return first_lines(errors[0])
    warnings = [text for text in said if text.startswith("[WARNING]")]
    return first_lines(warnings[0]) if warnings else "the playbook did not reach this host"


def _host_of(event: Event) -> str | None:
    if event.get("event") not in _RESULT_EVENTS:
        return None
    host = _mapping(event.get("event_data")).get("host")
    return host if isinstance(host, str) else None  # an execution node may say anything


def _result_of(event: Event) -> Mapping[str, object]:
    return _mapping(_mapping(event.get("event_data")).get("res"))


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}
