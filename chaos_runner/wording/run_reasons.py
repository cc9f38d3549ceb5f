"""Why the verdict on a whole run is not better, in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from chaos_runner.verdict.run_reason import RunReason, RunReasonCode
from chaos_runner.wording.endings import why_not_held
from chaos_runner.wording.safeguards import condition_words, seen_words


def run_reason_words(reason: RunReason) -> str:
    """Write a reason as a sentence without its full stop."""
    return _WORDS[reason.code](reason)


def zone_words(zones: Sequence[str]) -> str:
    """Name zones; the one without a name is the control node."""
    return ", ".join(f"zone {zone}" if zone else "control node" for zone in zones)


def _judged(reason: RunReason) -> str:
    where = f" ({zone_words(reason.zones)})" if reason.zones else ""
    return f"{reason.phase}: {reason.verdict}{where}"


def _watched(reason: RunReason) -> str:
    return condition_words(reason.safeguard) if reason.safeguard else "of the experiment"


def _seen(reason: RunReason) -> str:
    return seen_words(reason.observed) if reason.observed else "nothing"


def _left_out(reason: RunReason) -> str:
    """Say how many faults of the course did not come any more."""
    return f"; the course was stopped, {reason.count} of its faults not put on"


def _says(text: str) -> Callable[[RunReason], str]:
    """Return what fills the fields of a reason into a sentence."""
    return lambda reason: text.format(
        detail=reason.detail,
        host=reason.host,
        seconds=f"{reason.seconds:g} s",
        count=reason.count,
        signal=reason.signal,
    )


_WORDS: dict[RunReasonCode, Callable[[RunReason], str]] = {
    "phase_judged": _judged,
    "safeguard_tripped": lambda reason: f"safeguard {_watched(reason)} tripped: {_seen(reason)}",
    "no_recovery": _says("the cluster did not recover within {seconds}"),
    "interrupted": _says("interrupted by {signal}"),
    "fault_not_applied": _says("a fault could not be applied as planned"),
    "fault_ended_early": lambda reason: why_not_held(reason.ending) if reason.ending else "",
    "fault_vanished": _says("{host}: the fault ended before its time: {detail}"),
    "nothing_reached": _says(
        "the fault on {host} ({detail}) reaches no partition of the probe's topic, as far as its "
        "brokers are known, so its records cannot show what it does"
    ),
    "not_quiet": _says("the cluster was not quiet within {seconds}"),
    "did_not_hold_before": _says("the steady state did not hold before; no host was touched"),
    "safeguard_exceeded_before": lambda reason: (
        f"safeguard {_watched(reason)} was exceeded before ({_seen(reason)}); no host was touched"
    ),
    "harm_not_allowed": _says("no host was touched: {detail}"),
    "role_moved": _says("no host was touched: {detail}"),
    "not_put_on": lambda reason: (
        f"the fault on {reason.host} was not put on: {reason.detail}{_left_out(reason)}"
    ),
    "steady_state_not_back": lambda reason: (
        f"the steady state did not come back within {reason.seconds:g} s after the fault on "
        f"{reason.host}{_left_out(reason)}"
    ),
    "fault_not_off": lambda reason: (
        f"the fault on {reason.host} was not off within {reason.seconds:g} s{_left_out(reason)}"
    ),
    "channel_not_open": _says("{detail}"),
    "lost_in_warm_up": _says("{count} acknowledged records of the warm-up are lost already"),
    "ledger_incomplete": _says("not every record could be accounted for: {detail}"),
    "probe_not_started": _says("the probe could not start: {detail}"),
    "probe_failed": _says("{detail}"),
    "zone_lost": lambda reason: (
        f"{zone_words(reason.zones)}: not all that it measured is known; it was last heard "
        f"{reason.seconds:.0f} s after the run began: {reason.detail}"
    ),
    "load_ended": _says("the load beside the probe ended before the run did: {detail}"),
    "load_silent": lambda reason: (
        f"the load beside the probe was not heard of for the last {reason.seconds:.0f} s: whether "
        "it went on is not known"
    ),
    "run_failed": _says("{detail}"),
    "machine_failed": _says("this machine ended the run: {detail}"),
    "internal_error": _says("an error inside chaos-runner: {detail}"),
}
