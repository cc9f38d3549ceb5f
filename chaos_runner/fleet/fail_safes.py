"""Say, before anything is done, what takes a fault back on a host, and when each would act.

Pure: what a fault kind and a host are able to do in, fail-safes out. They are those of
docs/concepts/safety.md, the one nearest to the kernel first.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from chaos_runner.faults import FaultKind
from chaos_runner.faults.capabilities import SYSTEMD
from chaos_runner.fleet.guard_answers.preflight_facts import PreflightFacts
from chaos_runner.units import format_duration


class FailSafe(BaseModel):
    """One fail-safe: its name, when it takes the fault back, and whether it can on this host."""

    model_config = ConfigDict(frozen=True)

    name: str
    fires: str
    """When, in words; why not, where it is not there."""
    there: bool = True


def fail_safes(
    options: FaultKind,
    facts: PreflightFacts,
    duration: float,
    lease: float,
    cap: float,
    *,
    renewed: bool = True,
) -> list[FailSafe]:
    """Return the fail-safes for one fault on one host; times are seconds.

    Where the lease cannot be `renewed` it begins when the fault is on.
    """
    since = "the control node's last renewal" if renewed else "the fault is on: nobody renews it"
    last_renewal = f"{format_duration(lease)} after {since}"
    return [
        _kernel(options, last_renewal),
        _timer(facts, cap),
        FailSafe(name="lease watchdog", fires=last_renewal),
        _boot(options, facts),
        FailSafe(
            name="roll-back",
            fires=f"{format_duration(duration)} after the fault is on; at once on a safeguard, a "
            "signal, an error or a dead probe",
        ),
        FailSafe(name="recover", fires="whenever `chaos-runner recover` is called"),
        FailSafe(name="preflight", fires="refuses the next run while something is left"),
    ]


def _kernel(options: FaultKind, last_renewal: str) -> FailSafe:
    if options.ends_in_kernel:
        return FailSafe(name="kernel expiry", fires=options.kernel_expiry() or last_renewal)
    return FailSafe(
        name="kernel expiry", fires=f"no timeout of the kernel ends {options.kind}", there=False
    )


def _timer(facts: PreflightFacts, cap: float) -> FailSafe:
    if facts.has(SYSTEMD):
        return FailSafe(name="cap timer", fires=f"{format_duration(cap)} after the fault was armed")
    return FailSafe(
        name="cap timer", fires="no systemd; the watchdog knows the cap, too", there=False
    )


def _boot(options: FaultKind, facts: PreflightFacts) -> FailSafe:
    if not options.survives_restart:
        return FailSafe(name="boot unit", fires="at a restart, which no rule or qdisc outlives")
    if facts.has(SYSTEMD):
        return FailSafe(name="boot unit", fires="at a restart, by chaos-guard-boot.service")
    return FailSafe(name="boot unit", fires="no systemd, so no unit runs at a restart", there=False)
