"""How long a run may take to put its faults on, and the leases and hard caps that follow. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from chaos_runner.experiment.models import LONGEST_LEASE, Experiment
from chaos_runner.faults.registry import fault_kinds
from chaos_runner.planning.timeline.course import PlannedOccurrence

AT_ONCE = 50
"""Hosts that Ansible works on at the same time."""
SECONDS_PER_BATCH = 180.0
"""Seconds for so many hosts: an emulated host that carries a broker takes more than a minute, a
real one a few seconds."""
SLOW_STOP = 180.0
"""Seconds in which a service has stopped: systemd gives it 90 s by default, and units of Kafka
are often written with two or three minutes."""
CAP_MARGIN = 30.0
"""Seconds that the hard cap leaves for what nobody thought of."""
LONGEST_CAP = 99_999
"""Seconds; the host guard takes no longer cap."""
UNRENEWED_ROOM = 60.0
"""Seconds by which a lease that nobody can renew outlasts its fault: others are put on first."""


@dataclass(frozen=True)
class Timing:
    """The lease and the hard cap of one fault, in whole seconds."""

    lease: int
    cap: int


def injection_limit(kind: str, hosts: int) -> float:
    """Return the seconds after which a fault that is still not on all hosts counts as failed."""
    batches = math.ceil(hosts / AT_ONCE)
    slow = 0.0 if fault_kinds()[kind].ends_in_kernel else SLOW_STOP
    return batches * (SECONDS_PER_BATCH + slow)


def timings_of(
    experiment: Experiment, course: Sequence[PlannedOccurrence], *, renewed: bool = True
) -> list[Timing]:
    """Return the timing of each occurrence of the faults of an experiment, in their order.

    The cap leaves room for putting this fault on, and for all that follow in phase `inject`: the
    first host has its fault while all others are still waited for, and then keeps it for the
    whole duration. A later fault is held from when it is on, whatever else is put on meanwhile.
    Where a lease cannot be `renewed` it has to be as long as the fault.
    """
    lease = experiment.lease_of_run(len({host for each in course for host in each.targets}))
    if not renewed:
        longest = max(each.duration for each in course)
        lease = min(LONGEST_LEASE, max(lease, math.ceil(longest + UNRENEWED_ROOM)))
    limits = [
        injection_limit(experiment.faults[each.place.entry].options.kind, len(each.targets))
        for each in course
    ]
    together = sum(each.start == 0 for each in course)  # they are the first ones
    return [
        Timing(lease, _cap(each.duration + lease + sum(limits[index : max(together, index + 1)])))
        for index, each in enumerate(course)
    ]


def _cap(seconds: float) -> int:
    return min(LONGEST_CAP, math.ceil(seconds + CAP_MARGIN))
