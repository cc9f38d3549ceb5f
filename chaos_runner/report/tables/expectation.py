"""Set what the faults were expected to do to the cluster beside what they did."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chaos_runner.blast_radius.blast_radius import BlastRadius
from chaos_runner.measurements.exposure import Exposure
from chaos_runner.measurements.model import Health
from chaos_runner.measurements.phases import COUNTED_DURING
from chaos_runner.report.story.formatting import NOTHING, count, many, names
from chaos_runner.report.story.model import RunStory
from chaos_runner.report.tables.cluster_table import answers_in


@dataclass(frozen=True)
class Expectation:
    """One thing that was expected, and what came of it."""

    what: str
    expected: str
    came: str
    """A dash where no answer of the cluster tells."""
    level: str = ""
    """`doubtful` where more came than was expected."""


@dataclass(frozen=True)
class _Seen:
    """What the answers showed beyond what was so before; None where they do not tell."""

    brokers_missing: int | None = None
    leaders_moved: int | None = None
    under_min_isr: int | None = None
    offline: int | None = None
    controller_absent: int | None = None


def expectations(story: RunStory) -> tuple[Expectation, ...]:
    """Return what was expected beside what came; empty where nothing was worked out before."""
    radius = story.blast_radius
    if radius is None or radius.quorum is None or not story.faults:
        return ()
    seen = _seen(answers_in(story, ("before",)), answers_in(story, COUNTED_DURING))
    return tuple(_rows(radius, story, seen))


def _seen(before: Sequence[Health], during: Sequence[Health]) -> _Seen:
    if not before or not during:
        return _Seen()
    controllers = [answer.controller.active for answer in during if answer.controller is not None]
    counted = any("leader_moves" in answer.model_fields_set for answer in during)
    known = [answer.under_min_isr for answer in during if answer.under_min_isr is not None]
    already = max(answer.under_min_isr or 0 for answer in before)
    return _Seen(
        brokers_missing=max(
            0,
            min(answer.brokers for answer in before) - min(answer.brokers for answer in during),
        ),
        leaders_moved=sum(answer.leader_moves for answer in during) if counted else None,
        under_min_isr=max(0, max(known) - already) if known else None,
        offline=max(
            0,
            max(answer.offline for answer in during) - max(answer.offline for answer in before),
        ),
        controller_absent=controllers.count(False) if controllers else None,
    )


def _rows(radius: BlastRadius, story: RunStory, seen: _Seen) -> Iterator[Expectation]:
    missing = seen.brokers_missing
    came = NOTHING if missing is None else f"{many(missing, 'broker')} missing"
    yield Expectation("Kafka hosts gone", names(radius.gone) or "none", came)
    if radius.at_risk:
        yield Expectation("Kafka hosts slow or cut from some", names(radius.at_risk), NOTHING)
    yield Expectation(
        "Partitions that change their leader",
        f"{count(radius.count('lose_leader'))}{_own(radius, story)}",
        _number(seen.leaders_moved),
    )
    for what, expected, number in (
        ("Partitions below min.insync.replicas", radius.count("under_min_isr"), seen.under_min_isr),
        ("Partitions offline", radius.count("offline"), seen.offline),
    ):
        level = "doubtful" if number is not None and number > expected else ""
        yield Expectation(what, count(expected), _number(number), level)
    if radius.quorum is not None:
        quorum = f"{radius.quorum.state}: {radius.quorum.text}"
        came, level = _controller(seen.controller_absent, radius.quorum.state)
        yield Expectation("Quorum of the controllers", quorum, came, level)
    yield from _group_rows(radius, story)


def _own(radius: BlastRadius, story: RunStory) -> str:
    """Name the probe's partitions led by a host that is gone; the radius is about others'."""
    if not radius.gone or story.probe is None:
        return ""
    led = list(story.probe.exposure.values()).count(Exposure.LEADER)
    return f", and {count(led)} of the probe's own" if led else ""


def _number(number: int | None) -> str:
    return NOTHING if number is None else count(number)


def _controller(absent: int | None, state: str) -> tuple[str, str]:
    if absent is None:
        return NOTHING, ""
    if not absent:
        return "the active one answered all the time", ""
    return f"no active one in {many(absent, 'answer')}", "doubtful" if state == "holds" else ""


def _group_rows(radius: BlastRadius, story: RunStory) -> Iterator[Expectation]:
    followed = {name for health in story.health for name in health.groups}
    for what, groups in (
        ("Consumer groups that find another coordinator", radius.groups),
        ("Consumer groups that cannot commit", radius.stuck_groups),
        ("Consumer groups whose members are disturbed", radius.disturbed_groups),
    ):
        if groups:
            known = sorted(followed.intersection(groups))
            came = f"{names(known)}: see below" if known else NOTHING
            yield Expectation(what, names(groups, 6), came)
