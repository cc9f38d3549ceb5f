"""Judge what the cluster says of itself: the worst answer of a while against a limit.

An answer that did not come, or that could not tell, is never taken for a good one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from chaos_runner.measurements.model import GROUP_STATUSES, GroupHealth, Health
from chaos_runner.measurements.reason import Reason, ReasonCode
from chaos_runner.verdict.judgement import Observation, Value
from chaos_runner.verdict.limits import unit_of
from chaos_runner.verdict.observed import Observed, nothing_observed


@dataclass(frozen=True)
class Reading:
    """One answer as a number to compare, and as what it stands for."""

    rank: int
    value: Value
    group: str = ""


@dataclass(frozen=True)
class _Rule:
    read: Callable[[Health], Reading | None]
    """Return the reading, or None where the answer could not tell."""
    unknown: ReasonCode
    at_least: bool = False
    silent: Callable[[Health], list[str]] = lambda _: []
    """Return of whom an answer could not tell, where it could of others."""
    hidden: Callable[[Health], str] = lambda _: ""
    """Return why an answer may leave some out without a word, or nothing."""


def _count(read: Callable[[Health], int | None]) -> Callable[[Health], Reading | None]:
    def reading(answer: Health) -> Reading | None:
        value = read(answer) if answer.answered else None
        return None if value is None else Reading(value, value)

    return reading


def _controller(answer: Health) -> Reading | None:
    controller = answer.controller
    if controller is None or not controller.is_fresh:
        return None
    return Reading(int(controller.active), "active" if controller.active else "absent")


def _group_lag(answer: Health) -> Reading | None:
    return _worst_group(answer, lambda group: group.lag, lambda lag: lag)


def _group_status(answer: Health) -> Reading | None:
    return _worst_group(
        answer, lambda group: GROUP_STATUSES.index(group.status), GROUP_STATUSES.__getitem__
    )


def _worst_group(
    answer: Health, rank: Callable[[GroupHealth], int], value: Callable[[int], Value]
) -> Reading | None:
    ranks = {name: rank(group) for name, group in answer.groups.items() if group.is_fresh}
    worst = max(ranks, key=ranks.__getitem__, default=None)
    if worst is None:
        return None
    return Reading(ranks[worst], value(ranks[worst]), worst)


def _hidden_topics(answer: Health) -> str:
    return answer.partial


def _silent_groups(answer: Health) -> list[str]:
    return answer.silent_groups


_RULES: Mapping[str, _Rule] = {
    "under_replicated_partitions": _Rule(
        _count(lambda answer: answer.under_replicated), "no_health_answer", hidden=_hidden_topics
    ),
    "under_min_isr_partitions": _Rule(
        _count(lambda answer: answer.under_min_isr), "min_isr_unknown", hidden=_hidden_topics
    ),
    "offline_partitions": _Rule(
        _count(lambda answer: answer.offline), "no_health_answer", hidden=_hidden_topics
    ),
    "brokers": _Rule(_count(lambda answer: answer.brokers), "no_health_answer", at_least=True),
    "controller": _Rule(_controller, "controller_not_asked", at_least=True),
    "group_lag": _Rule(_group_lag, "no_group_answer", silent=_silent_groups),
    "group_status": _Rule(_group_status, "no_group_answer", silent=_silent_groups),
}
HEALTH_TOLERANCES = frozenset(_RULES)
"""The tolerances that are judged by health answers and not by records."""


def observe_health(tolerance: str, limit: float, health: Sequence[Health]) -> Observed:
    """Judge the worst answer.

    The verdict is inconclusive without any, and where one is missing that could be worse.
    """
    rule, unit = _RULES[tolerance], unit_of(tolerance)
    readings = [rule.read(answer) for answer in health]
    found = [reading for reading in readings if reading is not None]
    if not found:
        return nothing_observed(unit, rule.unknown)
    pick = min if rule.at_least else max
    worst = pick(found, key=lambda reading: reading.rank)
    amount = Observation(value=worst.value, unit=unit, group=worst.group)
    if worst.rank < limit if rule.at_least else worst.rank > limit:
        return Observed(amount, "deviated")
    silent = [rule.silent(answer) for answer in health]
    missing = sum(
        reading is None or bool(names) for reading, names in zip(readings, silent, strict=True)
    )
    if missing:
        who = sorted(set(chain(*silent)))
        doubt = Reason(code="did_not_answer", count=missing, of=len(health), names=who)
        return Observed(amount, "inconclusive", doubt)
    hidden = next(filter(None, map(rule.hidden, health)), "")
    if hidden:
        return Observed(amount, "inconclusive", Reason(code="topics_hidden", detail=hidden))
    return Observed(amount, "held")
