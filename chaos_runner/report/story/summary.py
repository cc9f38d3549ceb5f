"""Say in one or two sentences how a run ended: the first thing a reader sees."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chaos_runner.analysis.moments import Time
from chaos_runner.report.story.formatting import (
    VERDICT_WORDS,
    count,
    duration,
    many,
    names,
    sentence,
    what_it_did,
)
from chaos_runner.report.story.host_view import FaultStory, HostStory
from chaos_runner.report.story.model import RunStory
from chaos_runner.shown import as_argument
from chaos_runner.verdict.run_reason import HOSTS_UNTOUCHED
from chaos_runner.wording.run_reasons import run_reason_words

_UNTOUCHED = "no host was touched"
_ENDINGS = {
    "clean": "came back clean",
    "dirty": "did NOT come back clean",
    "unknown": "cannot be proved clean",
}


@dataclass(frozen=True)
class Advice:
    """What to do: why, the command, and what to know about it."""

    why: str
    command: str
    remark: str


def summary_of(story: RunStory) -> str:
    """Return e.g. `Held. 3,000 records acknowledged, 3,000 consumed, 0 lost; kafka-4 was …`."""
    reason, untouched_said = _main_reason(story)
    said = story.kind != "run" or untouched_said
    untouched = "" if story.touched or said else _UNTOUCHED
    facts = (_records(story), _bad_time(story), *_faults(story), untouched)
    parts = [_ending(story), reason, "; ".join(fact for fact in facts if fact)]
    return " ".join(sentence(part) for part in parts if part)


def without_verdict(story: RunStory) -> str:
    """Return the summary for a place where the verdict stands beside it in large letters."""
    ending = sentence(_ending(story)) if story.verdict else "Unfinished:"
    return sentence(story.summary.removeprefix(ending))


def advice_on(story: RunStory) -> Advice | None:
    """Return what the reader should do now; None when there is nothing to do."""
    told = story.finished or story.recoveries
    if story.kind != "run" or (told and story.hosts_state in ("clean", "untouched")):
        return None
    command = f"chaos-runner recover {as_argument(story.run)}"
    remark = "It is safe to repeat."
    if not story.finished:
        remark += " Should the run still be going on, this ends its faults early."
    if story.hosts_state in ("dirty", "unknown"):
        why = "To put every host back and see the proof, run"
        return Advice(f"{_leases(story)}{why}", command, remark)
    why = "As far as the journal tells, every host is clean or was never touched; to be sure, run"
    return Advice(why, command, remark)


def _ending(story: RunStory) -> str:
    if story.verdict:
        return VERDICT_WORDS[story.verdict]
    phase = f", in phase {story.phases[-1].phase}" if story.phases else ""
    stopped = f"{story.clock(story.stopped):%H:%M:%S} UTC"
    return f"Unfinished: the control node stopped writing at {stopped}{phase}"


def _main_reason(story: RunStory) -> tuple[str, bool]:
    """Return the worst remark that explains the verdict, and whether it says no host was touched.

    Hosts have their own words below.
    """
    if story.verdict in (None, "held"):
        return "", False
    telling = [remark for remark in story.remarks if remark.level != "info"]
    judged = [remark.text for remark in telling if remark.about == "steady state"]
    if judged:
        return judged[0], False
    for reason in story.reasons:
        if reason.code != "phase_judged":
            return run_reason_words(reason), reason.code in HOSTS_UNTOUCHED
    other = [remark.text for remark in telling if remark.about != "host"]
    return next(iter(other), ""), False


def _records(story: RunStory) -> str:
    if story.ledger is None:
        return "no record was sent"
    total = story.ledger.total
    odd = [
        f"{count(number)} {word}"
        for number, word in (
            (total.not_yet_consumed, "not yet consumed"),
            (total.indeterminate, "indeterminate"),
            (total.rejected, "refused"),
        )
        if number
    ]
    lost = f"{count(total.lost)} {'lost' if story.ledger.drained else 'known to be lost'}"
    known = [f"{count(total.consumed)} consumed", lost, *odd]
    return f"{many(total.acked, 'record')} acknowledged, {', '.join(known)}"


def _bad_time(story: RunStory) -> str:
    """Say for how long clients were badly off, and when that was over; nothing if never."""
    times = story.clients.times if story.clients else None
    if times is None or not times.bad_seconds:
        return ""
    return f"clients had {many(times.bad_seconds, 'bad second')}{_normal_again(times.recover)}"


def _normal_again(recover: Time) -> str:
    if recover.seconds is None:
        return ""
    if recover.censored and recover.seconds < 1:
        return " and were not seen back to normal before the run ended"
    if recover.censored:
        return f" and were not back to normal {duration(recover.seconds)} after the roll-back"
    if recover.seconds < 1:
        return " and were back to normal by the end of the roll-back"
    return f" and were back to normal {duration(recover.seconds)} after the roll-back"


def _faults(story: RunStory) -> Iterator[str]:
    """Say what each entry of the experiment did, however often and on however many hosts."""
    by_entry: dict[str, list[FaultStory]] = {}
    for fault in story.faults:
        place = fault.occurrence
        parted = place.batches > 1 or place.repetitions > 1
        by_entry.setdefault(f"entry {place.entry}" if parted else fault.fault, []).append(fault)
    for faults in by_entry.values():
        by_fault = {fault.fault: _hosts_with(story, fault) for fault in faults}
        applied = [fault for fault in faults if by_fault[fault.fault]]
        named = {host.host for each in by_fault.values() for host in each}
        hosts = [host for host in story.hosts if host.host in named]
        if hosts:
            did = what_it_did(applied[0], len(hosts))
            did += f"{_how_often(faults, applied)}{_held(applied, hosts)}"
            yield f"{names([host.host for host in hosts], 3)} {did} and {_came_back(hosts)}"
    yield from _without_fault(story)


def _hosts_with(story: RunStory, fault: FaultStory) -> list[HostStory]:
    return [
        host
        for host in story.hosts
        if any(own.fault == fault.fault and own.applied is not None for own in host.faults)
    ]


def _how_often(planned: Sequence[FaultStory], applied: Sequence[FaultStory]) -> str:
    """Say in how many parts it came, of those that were planned; nothing where it came once."""
    if len(planned) == 1:
        return ""
    parts = many(len(planned), "part")
    return f" in {parts}" if len(applied) == len(planned) else f" in {len(applied)} of {parts}"


def _without_fault(story: RunStory) -> Iterator[str]:
    """Name the hosts that are not clean although no fault is known to have been applied."""
    for state in ("dirty", "unknown"):
        hosts = [
            host.host
            for host in story.hosts
            if host.state == state and all(own.applied is None for own in host.faults)
        ]
        if hosts:
            yield f"{names(hosts, 3)} {_ENDINGS[state]}"


def _held(faults: Sequence[FaultStory], hosts: Sequence[HostStory]) -> str:
    """Say for how long each was on: by the hosts' own records, else by what the run saw."""
    meant = {fault.fault for fault in faults}
    records = [
        own.held
        for host in hosts
        for own in host.faults
        if own.fault in meant and own.held is not None
    ]
    seen = [
        fault.off - fault.on for fault in faults if fault.on is not None and fault.off is not None
    ]
    if not records and len(seen) < len(faults):
        return ""
    shortest = f" for {duration(min(records or seen))}"
    return shortest if len(faults) == 1 else f"{shortest} each, at least,"


def _came_back(hosts: Sequence[HostStory]) -> str:
    bad = {
        state: [host.host for host in hosts if host.state == state]
        for state in ("dirty", "unknown")
    }
    if len(hosts) == 1:
        return _ENDINGS[hosts[0].state]
    endings = [f"{names(own)} {_ENDINGS[state]}" for state, own in bad.items() if own]
    return ", ".join(endings) or _ENDINGS["clean"]


def _leases(story: RunStory) -> str:
    """Say when the hosts were to free themselves, where the control node can no longer tell."""
    ends = [
        host.lease_until
        for host in story.hosts
        if host.state == "unknown" and host.lease_until is not None
    ]
    if not ends:
        return ""
    return (
        "Without the control node, each host takes its faults back when its lease ends, here by "
        f"{story.clock(max(ends)):%H:%M:%S} UTC. "
    )
