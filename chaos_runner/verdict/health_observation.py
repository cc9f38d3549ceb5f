"""Judge what the cluster says of itself: the worst answer of a while against a limit.

An answer that did not come, or that could not tell, is never taken for a good one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from chaos_runner.measurements.model import GROUP_STATUSES, GroupHealth, Health
from chaos_runner.verdict.observed import Observed


@dataclass(frozen=True)
class Reading:
    """One answer as a number to compare, and as text to show."""

    value: int
    text: str


@dataclass(frozen=True)
class _Rule:
    read: Callable[[Health], Reading | None]
    """Return the reading, or None where the answer could not tell."""
    unknown: str
    limit: Callable[[float], str]
    at_least: bool = False
    silent: Callable[[Health], list[str]] = lambda _: []
    """Return of whom an answer could not tell, where it could of others."""
    hidden: Callable[[Health], str] = lambda _: ""
    """Return why an answer may leave some out without a word, or nothing."""


def _count(read: Callable[[Health], int | None]) -> Callable[[Health], Reading | None]:
    def reading(answer: Health) -> Reading | None:
        value = read(answer) if answer.answered else None
        return None if value is None else Reading(value, str(value))

    return reading


def _controller(answer: Health) -> Reading | None:
    controller = answer.controller
    if controller is None or not controller.is_fresh:
        return None
    return Reading(int(controller.active), "active" if controller.active else "absent")


def _group_lag(answer: Health) -> Reading | None:
    return _worst_group(answer, lambda group: group.lag, str)


def _group_status(answer: Health) -> Reading | None:
    return _worst_group(
        answer, lambda group: GROUP_STATUSES.index(group.status), GROUP_STATUSES.__getitem__
    )


def _worst_group(
    answer: Health, value: Callable[[GroupHealth], int], text: Callable[[int], str]
) -> Reading | None:
    values = {name: value(group) for name, group in answer.groups.items() if group.is_fresh}
    worst = max(values, key=values.__getitem__, default=None)
    if worst is None:
        return None
    return Reading(values[worst], f"{text(values[worst])} ({worst})")


def _hidden_topics(answer: Health) -> str:
    return answer.partial


def _silent_groups(answer: Health) -> list[str]:
    return answer.silent_groups


def _at_most(limit: float) -> str:
    return f"at most {limit:.0f}"


_CLUSTER = "the cluster gave no answer about its health"
_GROUPS = "no consumer group of `kafka.groups` has answered"
_RULES: Mapping[str, _Rule] = {
    "under_replicated_partitions": _Rule(
        _count(lambda answer: answer.under_replicated),
        _CLUSTER,
        _at_most,
        hidden=_hidden_topics,
    ),
    "under_min_isr_partitions": _Rule(
        _count(lambda answer: answer.under_min_isr),
        "min.insync.replicas of the topics is not known",
        _at_most,
        hidden=_hidden_topics,
    ),
    "offline_partitions": _Rule(
        _count(lambda answer: answer.offline), _CLUSTER, _at_most, hidden=_hidden_topics
    ),
    "brokers": _Rule(
        _count(lambda answer: answer.brokers),
        _CLUSTER,
        lambda limit: f"at least {limit:.0f}",
        at_least=True,
    ),
    "controller": _Rule(
        _controller, "the controller was not asked yet", lambda _: "active", at_least=True
    ),
    "group_lag": _Rule(_group_lag, _GROUPS, _at_most, silent=_silent_groups),
    "group_status": _Rule(
        _group_status,
        _GROUPS,
        lambda limit: f"at worst {GROUP_STATUSES[int(limit)]}",
        silent=_silent_groups,
    ),
}
HEALTH_TOLERANCES = frozenset(_RULES)
"""The tolerances that are judged by health answers and not by records."""


def health_limit_text(tolerance: str, limit: float) -> str:
    """Return a limit in words, e.g. `at most 0`."""
    return _RULES[tolerance].limit(limit)


def observe_health(tolerance: str, limit: float, health: Sequence[Health]) -> Observed:
    """Judge the worst answer.

    The verdict is inconclusive without any, and where one is missing that could be worse.
    """
    rule = _RULES[tolerance]
    readings = [rule.read(answer) for answer in health]
    found = [reading for reading in readings if reading is not None]
    if not found:
        return Observed("nothing", "inconclusive", rule.unknown)
    pick = min if rule.at_least else max
    worst = pick(found, key=lambda reading: reading.value)
    if worst.value < limit if rule.at_least else worst.value > limit:
        return Observed(worst.text, "deviated")
    silent = [rule.silent(answer) for answer in health]
    missing = sum(
        reading is None or bool(names) for reading, names in zip(readings, silent, strict=True)
    )
    if missing:
        who = ", ".join(sorted(set(chain(*silent)))) or "the cluster"
        doubt = f"{who} did not answer {missing} of {len(health)} times"
        return Observed(worst.text, "inconclusive", doubt)
    hidden = next(filter(None, map(rule.hidden, health)), "")
    if hidden:
        return Observed(worst.text, "inconclusive", hidden)
    return Observed(worst.text, "held")
