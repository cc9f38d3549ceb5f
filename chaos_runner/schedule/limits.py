"""What a schedule has had enough of: limits a day, rest between, budget of a week, opt-outs."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta

from chaos_runner.schedule.history import PastRun
from chaos_runner.schedule.loaded import LoadedSchedule
from chaos_runner.schedule.values import format_long_duration
from chaos_runner.units import format_duration

WEEK = timedelta(days=7)
LONGEST_DAY = timedelta(hours=26)
"""A day in which the clock is put back has 25 hours."""


def opted_out(
    loaded: LoadedSchedule, moment: datetime, groups: Collection[str], hosts: Collection[str]
) -> str:
    """Return which of the groups and hosts opted out at a time, and why; nothing for none."""
    day = moment.astimezone(loaded.zone).date()
    for each in loaded.schedule.opt_outs:
        name = each.group if each.group is not None else each.host
        concerned = groups if each.group is not None else hosts
        if name in concerned and day <= each.last_day:
            return f"{name} opted out until {each.last_day}: {each.reason}"
    return ""


def limit_reached(
    loaded: LoadedSchedule,
    moment: datetime,
    groups: Collection[str],
    hosts: Collection[str],
    past: Sequence[PastRun],
) -> str:
    """Return which limit a run at a time would go beyond, after others; nothing for none."""
    limits = loaded.schedule.limits
    for each in past:
        if each.begin <= moment < each.end:
            return f"{each.experiment} is still on; two are never on at once"
        rest = timedelta(seconds=limits.least_between)
        if each.begin <= moment < each.end + rest:
            return (
                f"{each.experiment} ended less than "
                f"{format_long_duration(limits.least_between)} before"
            )
    day = _day(loaded, moment)
    lately = [each for each in past if abs(moment - each.begin) < LONGEST_DAY]
    today = [each for each in lately if _day(loaded, each.begin) == day]
    if limits.per_day is not None and len(today) >= limits.per_day:
        return f"the day has its {limits.per_day} already"
    for what, most, names in (
        ("group", limits.per_group, sorted(groups)),
        ("host", limits.per_host, sorted(hosts)),
    ):
        for name in names if most is not None else ():
            had = sum(name in (each.groups if what == "group" else each.hosts) for each in today)
            if most is not None and had >= most:
                return f"the {what} {name} has had its {most} of the day already"
    return _budget_spent(loaded, moment, past)


def _budget_spent(loaded: LoadedSchedule, moment: datetime, past: Sequence[PastRun]) -> str:
    budget = loaded.schedule.budget
    if budget is None:
        return ""
    spent = sum(each.outage for each in past if moment - WEEK < each.begin <= moment)
    if spent < budget.outage_per_week:
        return ""
    return (
        f"seven days have had outages of {format_duration(round(spent, 3))}; the budget is "
        f"{format_duration(budget.outage_per_week)}"
    )


def _day(loaded: LoadedSchedule, moment: datetime) -> date:
    return moment.astimezone(loaded.zone).date()
