"""The accounts of several probes as one: every sum is the sum of its parts. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from chaos_runner.kafka.common.messages import Finished
from chaos_runner.measurements.model import Anomalies, Totals
from chaos_runner.measurements.totals import add_totals

_MOST_NAMED = 100
"""Truncations that are named, as in one probe's account."""


def merged(parts: Mapping[str, Finished], missing: Mapping[str, str]) -> Finished:
    """Return one account of those of all zones, the control node's under the empty name.

    `missing` are the zones that gave none, and why. Where that is so, the whole is not complete.
    """
    named = {zone: _named(zone, part) for zone, part in parts.items()}
    reasons = [
        f"zone {zone}: {part.reason}" if zone else part.reason
        for zone, part in named.items()
        if part.reason
    ]
    reasons += [f"zone {zone}: {why}" for zone, why in missing.items()]
    every = list(named.values())
    return Finished(
        request=0,
        complete=not missing and all(part.complete for part in every),
        totals=_phases([part.totals for part in every]),
        groups={
            group: _phases([part.groups.get(group, {}) for part in every])
            for group in dict.fromkeys(group for part in every for group in part.groups)
        },
        zones={zone: part.totals for zone, part in named.items()},
        anomalies=_anomalies([part.anomalies for part in every]),
        outages=[outage for part in every for outage in part.outages],
        reason="; ".join(reasons),
    )


def _named(zone: str, part: Finished) -> Finished:
    """Return an account in which every single record and outage says whose it is."""
    whose = {"zone": zone}

    def owned(phases: Mapping[str, Totals]) -> dict[str, Totals]:
        return {
            phase: totals.model_copy(
                update={
                    "lost_records": [lost.model_copy(update=whose) for lost in totals.lost_records]
                }
            )
            for phase, totals in phases.items()
        }

    truncations = [each.model_copy(update=whose) for each in part.anomalies.truncations]
    return part.model_copy(
        update={
            "totals": owned(part.totals),
            "groups": {group: owned(phases) for group, phases in part.groups.items()},
            "anomalies": part.anomalies.model_copy(update={"truncations": truncations}),
            "outages": [outage.model_copy(update=whose) for outage in part.outages],
        }
    )


def _phases(parts: Iterable[Mapping[str, Totals]]) -> dict[str, Totals]:
    rows: dict[str, list[Totals]] = {}
    for part in parts:
        for phase, totals in part.items():
            rows.setdefault(phase, []).append(totals)
    return {phase: add_totals(totals) for phase, totals in rows.items()}


def _anomalies(parts: Iterable[Anomalies]) -> Anomalies:
    every = list(parts)
    counts = {
        name: sum(getattr(part, name) for part in every)
        for name in Anomalies.model_fields
        if name != "truncations"
    }
    truncations = [each for part in every for each in part.truncations][:_MOST_NAMED]
    return Anomalies.model_validate({**counts, "truncations": truncations})
