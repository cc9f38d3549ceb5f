"""Fold a journal into the story of its run. Pure: the same lines make the same report."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, timedelta
from typing import TypeVar

from chaos_runner.journal.contents import ReadJournal
from chaos_runner.journal.events import (
    Event,
    FaultReverted,
    LeaseRenewed,
    PhaseJudged,
    PhaseStarted,
    ProbeHealth,
    ProbeStarted,
    RecoveryStarted,
    RunFinished,
    RunStarted,
    SafeguardTripped,
)
from chaos_runner.report.story.check_spans import check_spans
from chaos_runner.report.story.event_log import chronicle_of
from chaos_runner.report.story.highlights import remarks_on
from chaos_runner.report.story.host_stories import fault_stories, host_stories
from chaos_runner.report.story.model import (
    PhaseSpan,
    PhaseVerdict,
    ProbeStory,
    Recovery,
    RunStory,
    SafeguardStory,
)
from chaos_runner.report.story.outage import client_view_of, moments_of
from chaos_runner.report.story.series import health_of, ledger_of, load_of, zones_of
from chaos_runner.report.story.summary import summary_of

Some = TypeVar("Some", bound=Event)


def tell_story(journal: ReadJournal) -> RunStory:
    """Return the story of a run, finished or not."""
    story = _bare_story(journal)
    story = story.model_copy(update={"remarks": remarks_on(story)})
    return story.model_copy(update={"summary": summary_of(story)})


def _bare_story(journal: ReadJournal) -> RunStory:
    started = journal.started
    # What comes again and again is most of a long run: each part looks through the rest alone.
    on_hosts = [event for event in journal.events if not isinstance(event, ProbeHealth)]
    events = [event for event in on_hosts if not isinstance(event, LeaseRenewed)]
    finished = _last(events, RunFinished)
    seconds = journal.seconds
    # Charts and times end with the run; how its hosts are is told up to the last recovery.
    hosts_then = host_stories(started.faults, on_hosts)
    hosts = hosts_then
    if journal.recoveries:
        hosts = host_stories(started.faults, (*on_hosts, *journal.recoveries))
    faults = fault_stories(started.faults, hosts_then)
    phases = _phases(events, finished)
    health = health_of(journal.events)
    moments = moments_of(seconds, faults, hosts_then, phases)
    return RunStory(
        run=started.run,
        kind=started.kind,
        title=started.title,
        description=started.description,
        owner=started.owner,
        tags=tuple(started.tags),
        started=started.at.astimezone(UTC) - timedelta(seconds=started.elapsed),
        stopped=journal.stopped,
        finished=finished is not None,
        verdict=finished.verdict if finished else None,
        exit_code=finished.exit_code if finished else None,
        reasons=tuple(finished.reasons) if finished else (),
        summary="",
        remarks=(),
        phases=phases,
        judgements=_judgements(events),
        check_spans=check_spans(events),
        ledger=ledger_of(events, seconds),
        zones=zones_of(events, seconds),
        load=load_of(events),
        clients=client_view_of(events, seconds, health, moments),
        faults=faults,
        hosts=hosts,
        control=_control(started),
        chronicle=chronicle_of((*events, *journal.recoveries)),
        recoveries=_recoveries(journal.recoveries),
        one_channel=started.one_channel,
        left_out=started.left_out,
        blast_radius=started.blast_radius,
        safeguards=_safeguards(events),
        seconds=seconds.of(),
        health=health,
        probe=_probe(events),
        experiment_file=started.experiment_file,
        experiment=started.experiment,
        steady_state=started.steady_state,
        inventory=started.inventory,
        versions=started.versions,
        notes=journal.notes,
    )


def _phases(events: Sequence[Event], finished: RunFinished | None) -> tuple[PhaseSpan, ...]:
    started = [event for event in events if isinstance(event, PhaseStarted)]
    ends: list[float | None] = [event.elapsed for event in started[1:]]
    ends.append(finished.elapsed if finished else None)
    return tuple(
        PhaseSpan(phase=event.phase, start=event.elapsed, end=end)
        for event, end in zip(started, ends, strict=False)
    )


def _judgements(events: Sequence[Event]) -> tuple[PhaseVerdict, ...]:
    """Return the last verdict on each phase; the one after the drain replaces the first."""
    judged = {event.phase: event for event in events if isinstance(event, PhaseJudged)}
    return tuple(
        PhaseVerdict(
            phase=event.phase,
            verdict=event.verdict,
            judgements=tuple(event.judgements),
            checks=tuple(event.checks),
            zones={zone: tuple(each) for zone, each in event.zones.items()},
        )
        for event in judged.values()
    )


def _control(started: RunStarted) -> tuple[str, ...]:
    targets = {host for fault in started.faults for host in fault.targets}
    control = dict.fromkeys(host for fault in started.faults for host in fault.control)
    return tuple(host for host in control if host not in targets)


def _safeguards(events: Sequence[Event]) -> tuple[SafeguardStory, ...]:
    reverted = [event.elapsed for event in events if isinstance(event, FaultReverted)]
    return tuple(
        SafeguardStory(
            safeguard=event.safeguard,
            observed=event.observed,
            tripped=event.elapsed,
            exceeded_since=event.since,
            first_reverted=min((at for at in reverted if at >= event.elapsed), default=None),
        )
        for event in events
        if isinstance(event, SafeguardTripped)
    )


def _recoveries(events: Sequence[Event]) -> tuple[Recovery, ...]:
    return tuple(
        Recovery(elapsed=event.elapsed, command=event.command, by=event.by, reason=event.reason)
        for event in events
        if isinstance(event, RecoveryStarted)
    )


def _probe(events: Sequence[Event]) -> ProbeStory | None:
    started = _last(events, ProbeStarted)
    if started is None:
        return None
    return ProbeStory(
        topic=started.topic,
        rate=started.rate,
        size=started.size,
        brokers=started.brokers,
        placement=started.placement,
        exposure=started.exposure,
        profile=started.profile,
        client=started.client,
    )


def _last(events: Sequence[Event], kind: type[Some]) -> Some | None:
    return next((event for event in reversed(events) if isinstance(event, kind)), None)
