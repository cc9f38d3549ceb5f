"""Pick out what a reader should look at: what deviated, what is not proved, what went odd."""

from __future__ import annotations

from collections.abc import Iterator

from chaos_runner.report.story.formatting import (
    called_by,
    duration,
    many,
    moment_words,
    names,
    sentence,
)
from chaos_runner.report.story.host_view import HostFault, HostStory
from chaos_runner.report.story.model import (
    Entry,
    Level,
    PhaseVerdict,
    Remark,
    RunStory,
    SafeguardStory,
    Subject,
)
from chaos_runner.verdict.judgement import Judgement
from chaos_runner.wording.amounts import limit_words, observation_words
from chaos_runner.wording.checks import check_words, why_check
from chaos_runner.wording.endings import ENDED_BY
from chaos_runner.wording.readings import readings_words
from chaos_runner.wording.reasons import reason_words
from chaos_runner.wording.run_reasons import run_reason_words, zone_words
from chaos_runner.wording.safeguards import condition_words, seen_words

_TELLING = ("notice", "interrupted", "host_checked", "host_changed")
"""Events whose chronicle entry says something that no other part of the story does."""
_SAID = frozenset({"phase_judged", "safeguard_tripped", "interrupted"})
"""Reasons that the judgements or an event of their own say."""
_WORST_FIRST: tuple[Level, ...] = ("error", "warning", "info")


def remarks_on(story: RunStory) -> tuple[Remark, ...]:
    """Return the remarks, the worst first; empty when the run was uneventful and held."""
    found = [*_on_hosts(story), *_on_judgements(story), *_on_records(story)]
    found += [*_on_safeguards(story), *_on_events(story)]
    found += _on_reasons(story)
    unique = {remark.text: remark for remark in found}.values()
    return tuple(sorted(unique, key=lambda remark: _WORST_FIRST.index(remark.level)))


_MOST_NAMED = 20
"""Hosts that a remark names."""


def tolerance_words(tolerance: str) -> str:
    """Write `end_to_end_p99` as `end to end p99`."""
    return tolerance.replace("_", " ")


def _on_hosts(story: RunStory) -> Iterator[Remark]:
    for host in story.hosts:
        yield from _on_state(story, host)
        for fault in host.faults:
            yield from _on_fault(host, fault)
    for name, why in story.one_channel.items():
        text = f"host {name} was reached over one channel alone, as --one-channel allows: {why}"
        yield _remark("host", "warning", text)
    if story.left_out:
        named = ", ".join(list(story.left_out)[:_MOST_NAMED])
        more = len(story.left_out) - _MOST_NAMED
        text = (
            f"{many(len(story.left_out), 'host')} did not answer at preflight and got no fault, as "
            f"max_unreachable allows: {named}" + (f" and {more} more" if more > 0 else "")
        )
        yield _remark("host", "warning", text)
    for recovery in story.recoveries:
        caller = called_by(recovery.by, recovery.reason)
        called = f"chaos-runner {recovery.command} was called {caller}"
        text = f"{called}, {moment_words(story, recovery.elapsed)}"
        yield _remark("host", "info", text)


def _on_state(story: RunStory, host: HostStory) -> Iterator[Remark]:
    why = f" ({host.message})" if host.message else ""
    if host.state == "dirty":
        lines = many(len(host.differences), "difference")
        yield _remark("host", "error", f"host {host.host} is not as it was{why}: {lines} left")
    elif host.state == "unknown":
        yield _remark("host", "error", f"host {host.host} is not proved to be as it was{why}")
    elif host.state == "untouched" and story.finished:
        yield _remark("host", "info", f"host {host.host} was a target and was never touched")


def _on_fault(host: HostStory, fault: HostFault) -> Iterator[Remark]:
    where = f"{(fault.kind or fault.fault).replace('_', ' ')} on {host.host}"
    if fault.failure:
        yield _remark("fault", "error", f"{where} could not be applied: {fault.failure}")
    if fault.effect_seen is False:
        yield _remark("fault", "error", f"{where} had no effect: {readings_words(fault.effect)}")
    if fault.channel == "host":
        how = f"by {ENDED_BY[fault.by]}, " if fault.by in ENDED_BY else ""
        after = f" after {duration(fault.held)}" if fault.held is not None else ""
        text = f"{where} was taken back by the host itself{after}, {how}not by the run"
        yield _remark("fault", "warning", text)


def _on_safeguards(story: RunStory) -> Iterator[Remark]:
    for safeguard in story.safeguards:
        yield _remark("event", "error", safeguard_words(safeguard))


def safeguard_words(safeguard: SafeguardStory) -> str:
    """Say what tripped, since when, and how fast the first host was free after it."""
    what, seen = condition_words(safeguard.safeguard), seen_words(safeguard.observed)
    text = f"safeguard {what} tripped: {seen}"
    text += f"; beyond its limit for {duration(safeguard.tripped - safeguard.exceeded_since)}"
    if safeguard.first_reverted is not None:
        later = duration(safeguard.first_reverted - safeguard.tripped)
        text += f"; the first host was free {later} later"
    return text


def _on_judgements(story: RunStory) -> Iterator[Remark]:
    for phase in story.judgements:
        for judgement in phase.judgements:
            if judgement.verdict != "held":
                yield _on_judgement(phase, judgement)
        for zone, judgements in phase.zones.items():
            for judgement in judgements:
                if judgement.verdict != "held":
                    yield _on_judgement(phase, judgement, f"{zone_words([zone])}: ")
        for check in phase.checks:
            if check.verdict != "held":
                level: Level = "error" if check.verdict == "deviated" else "warning"
                text = f"{phase.phase}: {check_words(check)}{why_check(check)}"
                yield _remark("steady state", level, text)


def judgement_words(judgement: Judgement) -> str:
    """Say what one tolerance came to: `ack p99 was 640ms, allowed at most 500ms`."""
    name = tolerance_words(judgement.tolerance)
    reason = f": {reason_words(judgement.reason)}" if judgement.reason else ""
    if judgement.verdict == "inconclusive":
        return f"{name} could not be judged{reason}"
    observed, limit = observation_words(judgement.observed), limit_words(judgement.limit)
    return f"{name} was {observed}, allowed {limit}{reason}"


def _on_judgement(phase: PhaseVerdict, judgement: Judgement, where: str = "") -> Remark:
    level: Level = "error" if judgement.verdict == "deviated" else "warning"
    return _remark("steady state", level, f"{phase.phase}: {where}{judgement_words(judgement)}")


def _on_records(story: RunStory) -> Iterator[Remark]:
    if story.ledger is None:
        return
    total = story.ledger.total
    if total.lost:
        records = [str(lost) for phase in story.ledger.phases for lost in phase.lost_records]
        listed = f": {names(records, 5)} (partition:sequence@offset)" if records else ""
        yield _remark("records", "error", f"{many(total.lost, 'acknowledged record')} lost{listed}")
    if total.not_yet_consumed:
        yield _remark(
            "records",
            "warning",
            f"{many(total.not_yet_consumed, 'acknowledged record')} not yet consumed",
        )
    if total.indeterminate:
        text = f"{many(total.indeterminate, 'record')} indeterminate: the client got an error"
        yield _remark("records", "warning", text)
    if total.rejected:
        yield _remark(
            "records", "warning", f"{many(total.rejected, 'record')} refused by the client's queue"
        )
    if total.duplicates:
        yield _remark("records", "warning", f"{many(total.duplicates, 'duplicate')} read")
    if total.reordered:
        yield _remark("records", "warning", f"{many(total.reordered, 'record')} read out of order")
    yield from _on_anomalies(story)


def _on_anomalies(story: RunStory) -> Iterator[Remark]:
    anomalies = story.ledger.anomalies if story.ledger else None
    if anomalies is None:
        return
    found: tuple[tuple[int, Level, str], ...] = (
        (anomalies.corrupt, "error", "with a wrong checksum"),
        (anomalies.phantom, "error", "never sent and yet read (phantom)"),
        (anomalies.withdrawn, "error", "consumed once and cut off the log later"),
        (anomalies.trimmed, "warning", "removed by retention unread"),
        (anomalies.reader_missed, "warning", "passed over by the reader and found by a second"),
        (anomalies.foreign, "warning", "of somebody else in the probe's topic"),
    )
    for number, level, what in found:
        if number:
            yield _remark("records", level, f"{many(number, 'record')} {what}")
    for number, noun in (
        (anomalies.rebuilt_readers, "reader"),
        (anomalies.rebuilt_producers, "producer"),
    ):
        if number:
            text = (
                f"{many(number, noun)} of the probe stood still where another client did not, and "
                "was replaced: the wait before that is the client's, not the cluster's"
            )
            yield _remark("records", "warning", text)


def _on_events(story: RunStory) -> Iterator[Remark]:
    """Repeat warnings and errors, those of a kind only once."""
    alike: dict[tuple[str, str], list[Entry]] = {}
    for entry in story.chronicle:
        if entry.event in _TELLING and entry.level != "info":
            alike.setdefault((entry.host, entry.kind), []).append(entry)
    for entries in alike.values():
        first = entries[0]
        more = len(entries) - 1 + sum(entry.held_back for entry in entries)
        again = f" ({more} more like this)" if more else ""
        where = f"on {first.host}: " if first.host else ""
        yield _remark("event", first.level, f"{where}{first.text}{again}")


def _on_reasons(story: RunStory) -> Iterator[Remark]:
    """Give the run's own reasons for its verdict that no event has said."""
    said = [entry.reason for entry in story.chronicle if entry.reason]
    level: Level = "error" if story.verdict == "deviated" else "warning"
    for reason in story.reasons:
        if reason.code not in _SAID and reason not in said:
            yield _remark("event", level, run_reason_words(reason))


def _remark(about: Subject, level: Level, text: str) -> Remark:
    return Remark(about=about, level=level, text=sentence(text))
