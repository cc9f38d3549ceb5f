"""The events of a run's journal, the one truth about a run.

Each line of `journal.jsonl` is one event as JSON. Everything after a run (report, history,
verdict shown again) is a function of these lines alone, so a run whose controller was killed
is reported like any other: the last lines are simply missing.

Times: `at` is the control node's wall clock (UTC), `elapsed` monotonic seconds since the run
started; intervals are always computed from `elapsed`. All durations are seconds, all
latencies milliseconds.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, TypeAdapter

from chaos_runner.journal.events.hosts import (
    FaultApplied,
    FaultEffect,
    FaultFailed,
    FaultIntended,
    FaultProof,
    FaultReverted,
    HostChanged,
    HostChecked,
    HostState,
    HostVerified,
    LeaseRenewed,
    UndoRecorded,
)
from chaos_runner.journal.events.lifecycle import (
    JUDGED_PHASES,
    SCHEMA_VERSION,
    CheckAnswered,
    Interrupted,
    Notice,
    Occurrence,
    Phase,
    PhaseJudged,
    PhaseStarted,
    PlannedFault,
    RecoverySource,
    RecoveryStarted,
    RunFinished,
    RunStarted,
    SafeguardTripped,
    Waiting,
)
from chaos_runner.journal.events.probe import (
    LoadEnded,
    LoadReported,
    LoadStarted,
    OutcomesMeasured,
    ProbeBucket,
    ProbeFinished,
    ProbeHealth,
    ProbeStarted,
    SecondsSummarized,
)

__all__ = [
    "EVENT",
    "JUDGED_PHASES",
    "SCHEMA_VERSION",
    "CheckAnswered",
    "Event",
    "FaultApplied",
    "FaultEffect",
    "FaultFailed",
    "FaultIntended",
    "FaultProof",
    "FaultReverted",
    "HostChanged",
    "HostChecked",
    "HostState",
    "HostVerified",
    "Interrupted",
    "LeaseRenewed",
    "LoadEnded",
    "LoadReported",
    "LoadStarted",
    "Notice",
    "Occurrence",
    "OutcomesMeasured",
    "Phase",
    "PhaseJudged",
    "PhaseStarted",
    "PlannedFault",
    "ProbeBucket",
    "ProbeFinished",
    "ProbeHealth",
    "ProbeStarted",
    "RecoverySource",
    "RecoveryStarted",
    "RunFinished",
    "RunStarted",
    "SafeguardTripped",
    "SecondsSummarized",
    "UndoRecorded",
    "Waiting",
]

Event = Annotated[
    RunStarted
    | RecoveryStarted
    | PhaseStarted
    | Waiting
    | HostChecked
    | ProbeStarted
    | ProbeBucket
    | SecondsSummarized
    | ProbeHealth
    | LoadStarted
    | LoadReported
    | LoadEnded
    | Notice
    | FaultIntended
    | UndoRecorded
    | FaultApplied
    | FaultEffect
    | FaultFailed
    | LeaseRenewed
    | CheckAnswered
    | SafeguardTripped
    | Interrupted
    | FaultReverted
    | HostChanged
    | HostVerified
    | PhaseJudged
    | ProbeFinished
    | OutcomesMeasured
    | RunFinished,
    Field(discriminator="event"),
]
EVENT: TypeAdapter[Event] = TypeAdapter(Event)
