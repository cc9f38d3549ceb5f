"""Fold the events of hosts: what was put on each, what took it off, and the proof."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from chaos_runner.journal.events import (
    Event,
    FaultApplied,
    FaultEffect,
    FaultFailed,
    FaultIntended,
    FaultReverted,
    HostChecked,
    HostVerified,
    LeaseRenewed,
    PlannedFault,
)
from chaos_runner.report.story.host_view import FaultStory, HostFault, HostStory, ReportedState

FaultEvent = FaultIntended | FaultApplied | FaultEffect | FaultFailed | FaultReverted
HostEvent = FaultEvent | HostVerified
"""What happens on a host, but for renewals; notices only talk about one, preflight only looks."""
Some = TypeVar("Some", bound=Event)


@dataclass(frozen=True)
class _Renewals:
    """How often the lease of a host was renewed, and until when."""

    count: int
    until: float


def host_stories(planned: Sequence[PlannedFault], events: Sequence[Event]) -> tuple[HostStory, ...]:
    """Return one story a host: the planned targets in their order, then any other touched.

    The events may be in any order: a recovery may lie in the midst of a run.
    """
    happened = [event for event in events if isinstance(event, HostEvent | LeaseRenewed)]
    targets = [host for fault in planned for host in fault.targets]
    by_host: dict[str, list[HostEvent]] = {name: [] for name in targets}
    for event in sorted(happened, key=lambda event: event.elapsed):
        if not isinstance(event, LeaseRenewed):
            by_host.setdefault(event.host, []).append(event)
            continue
        for host in event.hosts:
            if host not in by_host:
                by_host[host] = []
    renewals = _renewals([event for event in happened if isinstance(event, LeaseRenewed)])
    problems = {event.host: event.problems for event in events if isinstance(event, HostChecked)}
    return tuple(
        _host_story(
            name,
            own,
            renewals.get(name, _Renewals(0, 0.0)),
            planned,
            tuple(problems.get(name, ())),
        )
        for name, own in by_host.items()
    )


def _renewals(events: Iterable[LeaseRenewed]) -> dict[str, _Renewals]:
    """Return those of each host; a day of 500 hosts has a million of them."""
    counts: Counter[str] = Counter()
    until: dict[str, float] = {}
    for event in sorted(events, key=lambda event: event.elapsed + event.lease):
        counts.update(event.hosts)
        until.update(dict.fromkeys(event.hosts, event.elapsed + event.lease))
    return {host: _Renewals(count, until[host]) for host, count in counts.items()}


def fault_stories(
    planned: Sequence[PlannedFault], hosts: Sequence[HostStory]
) -> tuple[FaultStory, ...]:
    """Return one story a fault, with the window in which it was on."""
    return tuple(_fault_story(fault, hosts) for fault in planned)


def _host_story(
    name: str,
    events: Sequence[HostEvent],
    renewals: _Renewals,
    planned: Sequence[PlannedFault],
    problems: tuple[str, ...],
) -> HostStory:
    proof = _proof(events)
    return HostStory(
        host=name,
        state=_state(events, proof, renewals),
        message=proof.message if proof else "",
        faults=_host_faults(name, events, planned),
        renewals=renewals.count,
        lease_until=_lease_until(events, renewals),
        verified=proof.elapsed if proof else None,
        fingerprint_before=_fingerprints_before(events, proof),
        fingerprint_after=tuple(each.fingerprint_after for each in proof.proofs) if proof else (),
        differences=tuple(proof.differences) if proof else (),
        afterwards=tuple(one for each in proof.proofs for one in each.readings) if proof else (),
        problems=problems,
    )


def _proof(events: Sequence[HostEvent]) -> HostVerified | None:
    """Return the last verification, unless the host was touched again after it."""
    for event in reversed(events):
        if isinstance(event, HostVerified):
            return event
        if isinstance(event, FaultIntended | FaultApplied):
            return None
    return None


def _state(
    events: Sequence[HostEvent], proof: HostVerified | None, renewals: _Renewals
) -> ReportedState:
    if proof:
        return proof.state
    reverted = _last(events, FaultReverted)
    if reverted and not reverted.clean:
        return "dirty"
    return "unknown" if events or renewals.count else "untouched"


def _lease_until(events: Sequence[HostEvent], renewals: _Renewals) -> float | None:
    applied = [event.elapsed + event.lease for event in events if isinstance(event, FaultApplied)]
    return max([*applied, *([renewals.until] if renewals.count else [])], default=None)


def _fingerprints_before(
    events: Sequence[HostEvent], proof: HostVerified | None
) -> tuple[str, ...]:
    """Return those of the proof, else the one with which the first fault went on."""
    if proof:
        return tuple(each.fingerprint_before for each in proof.proofs)
    return tuple(event.fingerprint for event in events if isinstance(event, FaultApplied))[:1]


def _host_faults(
    name: str, events: Sequence[HostEvent], planned: Sequence[PlannedFault]
) -> tuple[HostFault, ...]:
    by_fault: dict[str, list[FaultEvent]] = {
        fault.fault: [] for fault in planned if name in fault.targets
    }
    for event in events:
        if isinstance(event, FaultEvent):
            by_fault.setdefault(event.fault, []).append(event)
    plans = {fault.fault: fault for fault in planned}
    return tuple(_host_fault(name, fault, own, plans.get(fault)) for fault, own in by_fault.items())


def _host_fault(
    host: str, fault: str, events: Sequence[FaultEvent], plan: PlannedFault | None
) -> HostFault:
    intended = _last(events, FaultIntended)
    applied = _last(events, FaultApplied)
    effect = _last(events, FaultEffect)
    failed = _last(events, FaultFailed)
    reverted = _last(events, FaultReverted)
    return HostFault(
        fault=fault,
        kind=plan.kind if plan else "",
        summary=plan.summary if plan else "not in the plan",
        intended=intended.elapsed if intended else None,
        applied=applied.elapsed if applied else None,
        effect_seen=effect.seen if effect else None,
        effect=effect.readings if effect else (),
        failure=failed.message if failed else "",
        reverted=reverted.elapsed if reverted else None,
        channel=(reverted.channel or "") if reverted else "",
        by=reverted.by if reverted else "",
        held=reverted.held if reverted else None,
        clean=reverted.clean if reverted else None,
        differences=tuple(reverted.differences) if reverted else (),
        commands=tuple(plan.commands.get(host, ())) if plan else (),
        fail_safes=tuple(plan.fail_safes.get(host, ())) if plan else (),
    )


def _fault_story(planned: PlannedFault, hosts: Sequence[HostStory]) -> FaultStory:
    on_hosts = [own for host in hosts for own in host.faults if own.fault == planned.fault]
    applied = [own for own in on_hosts if own.applied is not None]
    reverted = [own.reverted for own in applied if own.reverted is not None]
    return FaultStory(
        fault=planned.fault,
        kind=planned.kind,
        summary=planned.summary,
        outcome=planned.outcome or f"had {planned.summary or planned.kind}",
        targets=tuple(planned.targets),
        chosen_as=planned.chosen_as,
        control=tuple(planned.control),
        duration=planned.duration,
        start=planned.start,
        occurrence=planned.occurrence,
        lease=planned.lease,
        cap=planned.cap,
        variables=planned.variables,
        unheard={host: tuple(others) for host, others in planned.unheard.items()},
        on=min((own.applied for own in applied if own.applied is not None), default=None),
        off=max(reverted) if reverted and len(reverted) == len(applied) else None,
    )


def _last(events: Iterable[Event], kind: type[Some]) -> Some | None:
    return next((e for e in reversed(list(events)) if isinstance(e, kind)), None)
