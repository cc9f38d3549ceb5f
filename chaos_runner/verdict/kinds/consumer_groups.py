"""The consumer groups that `kafka.groups` names: the worst of them counts."""

from __future__ import annotations

from abc import abstractmethod
from typing import Annotated, Literal

from pydantic import Field

from chaos_runner.measurements.model import GROUP_STATUSES, GroupHealth, Health
from chaos_runner.verdict.families.worst_answer import Reading, WorstAnswer
from chaos_runner.verdict.judgement import Value


class _WorstGroup(WorstAnswer):
    """At most so much of the worst group."""

    needs_groups = True
    unknown = "no_group_answer"

    @classmethod
    @abstractmethod
    def of_group(cls, group: GroupHealth) -> int:
        """Return the number that is compared."""

    @classmethod
    def silent(cls, answer: Health) -> list[str]:
        """Return the groups that did not answer lately."""
        return answer.silent_groups

    @classmethod
    def read(cls, answer: Health) -> Reading | None:
        """Return the worst group of those that answered lately."""
        ranks = {
            name: cls.of_group(group) for name, group in answer.groups.items() if group.is_fresh
        }
        worst = max(ranks, key=ranks.__getitem__, default=None)
        if worst is None:
            return None
        value: Value = ranks[worst] if cls.word is None else cls.word(ranks[worst])
        return Reading(ranks[worst], value, worst)


class GroupLag(_WorstGroup):
    """At most so many records may each consumer group of `kafka.groups` be behind."""

    key = "group_lag"
    written = Annotated[int, Field(ge=0, le=10**15)]
    unit = "records"
    judged_by = "records by which the last of the groups in `kafka.groups` is behind"
    rank = 25

    @classmethod
    def of_group(cls, group: GroupHealth) -> int:
        """Return by how many records it is behind."""
        return group.lag


def _place_of(written: object) -> float:
    return [*map(str, GROUP_STATUSES)].index(str(written))


def _status_at(place: float) -> Value:
    return GROUP_STATUSES[int(place)]


class GroupStatus(_WorstGroup):
    """No consumer group of `kafka.groups` may be worse than this, by Burrow's rules."""

    key = "group_status"
    written = Literal["OK", "WARN", "STALL", "STOP"]
    unit = "status"
    judged_by = (
        "the worst of the groups in `kafka.groups`, "
        "[by Burrow's rules](../concepts/cluster-health.md)"
    )
    rank = 26
    place = _place_of
    word = _status_at

    @classmethod
    def of_group(cls, group: GroupHealth) -> int:
        """Return the place of its status among all, from good to bad."""
        return GROUP_STATUSES.index(group.status)
