"""What a phase answers for, whoever judges or shows it."""

from __future__ import annotations

from collections.abc import Mapping

from chaos_runner.measurements.model import Totals
from chaos_runner.measurements.totals import add_totals

WARM_UP = "warm-up"
"""Records of this phase meet a cold cluster by intention; no sum includes them."""
BEFORE, DURING = "before", "during"
COUNTED_DURING = ("inject", DURING, "roll-back", "verify", "recovery")
"""Records of these phases count for `during`: what the fault did to them is the fault's."""


def totals_to_judge(totals: Mapping[str, Totals], phase: str) -> Totals:
    """Return what a judged phase answers for.

    `before` and `after` answer for their own records. `during` answers for every record from
    the first touch of a host to the end of the recovery, so that none falls between two
    phases; its latencies are those of the fault itself, not of the roll-back around it.
    """
    if phase != DURING:
        return totals.get(phase, Totals())
    held = totals.get(DURING, Totals())
    every = counted_during(totals)
    return every.model_copy(update={"ack": held.ack, "end_to_end": held.end_to_end})


def counted_during(totals: Mapping[str, Totals]) -> Totals:
    """Return the sum over all phases whose records the fault answers for."""
    return add_totals(totals[name] for name in COUNTED_DURING if name in totals)
