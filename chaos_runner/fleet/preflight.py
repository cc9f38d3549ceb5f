"""Judge a host before it is touched: what it cannot do, and what is still on it.

Pure functions of the facts that `chaos-guard preflight` collected; nothing here reaches a host.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass

from chaos_runner.faults.capabilities import (
    CAPABILITIES,
    COLLECTED_UNITS,
    NETEM,
    SYSTEMD,
    Capability,
)
from chaos_runner.fleet.guard_answers.answer import OVER, KnownFault
from chaos_runner.fleet.guard_answers.preflight_facts import HostIdentity, PreflightFacts
from chaos_runner.shown import as_argument

MINIMUM_FREE_MIB = 50
"""State, undo script and fingerprints need far less; below this a host is in trouble already."""

TOLERATED_CLOCK_OFFSET = 5.0
"""Seconds; deadlines do not use the wall clock, but logs and journals get hard to compare."""


@dataclass(frozen=True)
class Problem:
    """One thing that speaks against a fault on a host, and how to mend it.

    A problem forbids the fault; a mere `warning` only wants to be read.
    """

    text: str
    hint: str = ""
    warning: bool = False


def capabilities_of(facts: PreflightFacts) -> frozenset[str]:
    """Return the names of the capabilities that a host has."""
    return frozenset(name for name, there in facts.capabilities.items() if there)


def clock_offset_of(identity: HostIdentity, asked: float, answered: float) -> float:
    """Return by how many seconds the host's clock is ahead, to half a round trip.

    `asked` and `answered` are the control node's `time.time()` around the question.
    """
    return identity.epoch - (asked + answered) / 2


def problems_of(
    facts: PreflightFacts,
    needs: Set[Capability],
    clock_offset: float | None = None,
    devices: Sequence[str] = (),
) -> list[Problem]:
    """Return what speaks against faults with these `needs` on the host, the gravest first.

    `needs` are what the planned faults ask for; `clock_offset` is
    None where it was not measured; `devices` are those that a delay goes to, none where the
    one towards the control node is meant.
    """
    if not facts.ok:
        return [Problem(f"the host cannot be examined: {facts.error or 'no reason'}", facts.hint)]
    return [
        *_problems_of_earlier_runs(facts),
        *_problems_of_the_host(facts),
        *_problems_of_the_kernel(facts, needs, devices or (facts.device,)),
        *_clock_warnings(clock_offset),
    ]


def _problems_of_earlier_runs(facts: PreflightFacts) -> Iterator[Problem]:
    for fault in facts.faults:
        if fault.phase not in OVER:
            yield _unfinished(fault)
    if facts.residue:
        shown = "; ".join(facts.residue[:3])
        more = f" and {len(facts.residue) - 3} more" if len(facts.residue) > 3 else ""
        yield Problem(
            f"something of an earlier fault is still on the host: {shown}{more}",
            "take it back with `chaos-runner recover --all`",
        )


def _unfinished(fault: KnownFault) -> Problem:
    return Problem(
        f"fault `{fault.fault}` ({fault.kind or 'unknown kind'}) of run "
        f"{fault.run or 'unknown'} is {fault.phase or 'in an unknown phase'} on the host",
        "let that run end, or take it back with "
        f"`chaos-runner recover {as_argument(fault.run or '--all')}`",
    )


def _problems_of_the_host(facts: PreflightFacts) -> Iterator[Problem]:
    if not facts.root:
        yield Problem(
            "the login does not become root",
            "set `ansible_become: true` and allow the user sudo without a password",
        )
    if facts.halted:
        yield Problem(
            f"faults on the host are halted: {facts.halted}",
            "`chaos-runner resume` lifts it, when whoever halted agrees",
        )
    if not facts.has(SYSTEMD):
        yield Problem(
            "systemd does not run the host: a background process ends the fault, not a timer",
            "network faults also end in the kernel; hosts that systemd boots have both",
            warning=True,
        )
    elif not facts.has(COLLECTED_UNITS):
        yield Problem(COLLECTED_UNITS.problem, COLLECTED_UNITS.hint)
    if not facts.controller or not facts.ssh_port:
        yield Problem(
            "the host cannot tell from where it is reached, so the way back could not be spared",
            "reach it over SSH, with sudo keeping SSH_CONNECTION or `ss` showing the connection",
        )
    if facts.disk_free_mib < MINIMUM_FREE_MIB:
        yield Problem(
            f"only {facts.disk_free_mib} MiB are free under /var/lib",
            f"free at least {MINIMUM_FREE_MIB} MiB: the undo script must be on disk first",
        )


def _problems_of_the_kernel(
    facts: PreflightFacts, needs: Set[Capability], devices: Sequence[str]
) -> Iterator[Problem]:
    lacking = [each for each in needs if not facts.has(each)]
    for each in sorted(lacking, key=lambda each: each.name):
        needed = CAPABILITIES.get(each.needs)
        if needed is None or facts.has(needed):
            yield Problem(each.problem, each.hint)
        elif needed not in needs:
            yield Problem(needed.problem, needed.hint)
    if NETEM in needs:
        yield from _problems_of_root_qdiscs(facts, devices)


def _problems_of_root_qdiscs(facts: PreflightFacts, devices: Sequence[str]) -> Iterator[Problem]:
    for device in devices:
        qdisc = facts.qdiscs.get(device, "")
        # The kernel's own has no handle. Where its guard does not say, the role looks on the host.
        if qdisc and not qdisc.endswith(" 0:"):
            yield Problem(
                f"the root qdisc of {device} is not the kernel's default (`{qdisc}`) and could not "
                "be put back as it was",
                "choose another host or interface, or remove that qdisc first",
            )


def _clock_warnings(clock_offset: float | None) -> Iterator[Problem]:
    if clock_offset is not None and abs(clock_offset) > TOLERATED_CLOCK_OFFSET:
        direction = "ahead of" if clock_offset > 0 else "behind"
        yield Problem(
            f"the clock is {abs(clock_offset):.1f} s {direction} the control node's",
            "set the clock (chrony, systemd-timesyncd); faults end on time all the same",
            warning=True,
        )
