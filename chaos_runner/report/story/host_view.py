"""What happened on hosts: the parts of a story about faults, and the proof that they are gone.

Times are those of `report.story.model`. A host's own times may lie after the run, where a recovery
told them; those of a fault as a whole never do.
"""

from __future__ import annotations

from typing import Literal

from chaos_runner.fleet.fail_safes import FailSafe
from chaos_runner.journal.events import HostState, Occurrence
from chaos_runner.measurements.reading import Reading
from chaos_runner.report.story.records import Part

ReportedState = HostState | Literal["untouched"]
"""`untouched`: the host was planned as a target, and the run ended before it was reached."""


class FaultStory(Part):
    """One fault as planned, and when it was on."""

    fault: str
    kind: str
    summary: str
    outcome: str
    targets: tuple[str, ...]
    chosen_as: str = ""
    """What the targets were to Kafka, where they were chosen for it."""
    control: tuple[str, ...]
    duration: float
    lease: float
    cap: float
    variables: dict[str, object]
    unheard: dict[str, tuple[str, ...]]
    """Where it cut hosts from one another: who did not hear whom."""
    start: float = 0.0
    """When it was to be put on at the earliest, seconds from the begin of `during`."""
    occurrence: Occurrence = Occurrence()
    on: float | None
    """When the first host had it."""
    off: float | None
    """When the run saw the last host without it; null when one was not seen so."""


class HostFault(Part):
    """What one fault did on one host; each time is null when it did not happen."""

    fault: str
    kind: str
    summary: str
    intended: float | None = None
    applied: float | None = None
    effect_seen: bool | None = None
    effect: tuple[Reading, ...] = ()
    """What was seen of it."""
    failure: str = ""
    reverted: float | None = None
    channel: Literal["", "ansible", "ssh", "admin", "host"] = ""
    """By which channel it was taken back; `host` when the host did by its own lease or timer."""
    by: str = ""
    """The guard's word for what ended it: revert, lease, timer or boot; empty where not known."""
    held: float | None = None
    """Seconds for which it was on, by the host's own record; null where that does not tell."""
    clean: bool | None = None
    differences: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    fail_safes: tuple[FailSafe, ...] = ()
    """What would have taken it back, and when."""


class HostStory(Part):
    """What happened on one host, and the proof that it is as it was."""

    host: str
    state: ReportedState
    message: str = ""
    faults: tuple[HostFault, ...] = ()
    renewals: int = 0
    lease_until: float | None = None
    """When the last known lease ran out; by then the host takes its faults back by itself."""
    verified: float | None = None
    fingerprint_before: tuple[str, ...] = ()
    fingerprint_after: tuple[str, ...] = ()
    """One for each fault."""
    differences: tuple[str, ...] = ()
    afterwards: tuple[Reading, ...] = ()
    """What was seen after the roll-back of what the faults were about, such as a path."""
    problems: tuple[str, ...] = ()
    """What preflight found."""

    @property
    def proved(self) -> bool | None:
        """Tell whether the fingerprints are equal; None when one is missing."""
        pairs = list(zip(self.fingerprint_before, self.fingerprint_after, strict=False))
        if not pairs or not all(before and after for before, after in pairs):
            return None
        return all(before == after for before, after in pairs)
