"""What the run and its probe process tell each other: one JSON object a line.

The first line to the child is its `ProbeSettings`; commands follow. The end of its standard
input ends the child. Every answer carries the `request` number of the command it answers.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from chaos_runner.kafka.client_config.java.properties import ClientProperty
from chaos_runner.kafka.client_config.profiles import ProfileName
from chaos_runner.kafka.ledger.record_header import HEADER_BYTES
from chaos_runner.measurements.exposure import FaultReach
from chaos_runner.measurements.model import Bucket, Health
from chaos_runner.measurements.probe_report import LedgerSummary, ProbeSetup

NoticeLevel = Literal["info", "warning", "error"]


class _Line(BaseModel):
    # An error must not show the line it is about: the settings hold secrets.
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class ProbeSettings(_Line):
    """What the probe sends, to whom, and how.

    `rate` is records a second, `size` bytes a record's value. `client` holds properties that win
    over those that stand `in_file`, which win over the profile; none of either is resolved.
    `drain_limit` and `start_limit` are seconds.
    """

    run: str = Field(pattern=r"^[A-Za-z0-9._-]{1,200}$")
    bootstrap_servers: str
    rate: float = Field(default=100, gt=0, le=50_000)
    size: int = Field(default=1024, ge=HEADER_BYTES)
    profile: ProfileName = "tuned"
    in_file: list[ClientProperty] = Field(default=[], repr=False)
    client: dict[str, str] = Field(default={}, repr=False)
    faults: list[FaultReach] = []
    """The machines that each fault reaches; the brokers there decide exposure."""
    groups: list[str] = []
    """Consumer groups whose lag is followed."""
    topic: str = ""
    """An existing topic to use; by default the probe makes one of its own."""
    topic_prefix: str = ""
    """What the name of the probe's own topic begins with, in place of `chaos-runner-probe-`."""
    variables: dict[str, str] = Field(default={}, repr=False)
    """What `${env:NAME}` stands for, where the probe's environment is not that of the run."""
    drain_limit: float = Field(default=60, gt=0)
    start_limit: float = Field(default=30, gt=0)


class EnterPhase(_Line):
    """The order to stamp the records that are due from now on with another phase."""

    command: Literal["enter_phase"] = "enter_phase"
    phase: str


class WaitUntilQuiet(_Line):
    """The wish to hear when the cluster is stable, at the latest after `limit` seconds."""

    command: Literal["wait_until_quiet"] = "wait_until_quiet"
    request: int
    limit: float


class Settle(_Line):
    """The wish to hear when all records acknowledged so far were consumed."""

    command: Literal["settle"] = "settle"
    request: int
    limit: float


class Finish(_Line):
    """The order to drain and to close the ledger, within about `limit` seconds."""

    command: Literal["finish"] = "finish"
    request: int
    limit: float


class TellTime(_Line):
    """The wish to hear at once what the probe's clock shows, and that all before was read."""

    command: Literal["tell_time"] = "tell_time"
    request: int


Command = Annotated[
    EnterPhase | WaitUntilQuiet | Settle | Finish | TellTime,
    Field(discriminator="command"),
]
COMMAND: TypeAdapter[Command] = TypeAdapter(Command)


class Ready(ProbeSetup, _Line):
    """Records flow."""

    message: Literal["ready"] = "ready"
    began: float
    """When the first record was due, `time.monotonic()` of the probe."""


class Quiet(_Line):
    """The answer to WaitUntilQuiet; `reason` says why not when the limit passed."""

    message: Literal["quiet"] = "quiet"
    request: int
    quiet: bool
    reason: str = ""


class Settled(_Line):
    """The answer to Settle."""

    message: Literal["settled"] = "settled"
    request: int
    settled: bool


class Finished(LedgerSummary, _Line):
    """The answer to Finish."""

    message: Literal["finished"] = "finished"
    request: int


class Time(_Line):
    """The answer to TellTime: `time.monotonic()` of the probe."""

    message: Literal["time"] = "time"
    request: int
    now: float = Field(allow_inf_nan=False)


class BucketMessage(_Line):
    """One second with cumulative values; the last message of a second wins."""

    message: Literal["bucket"] = "bucket"
    bucket: Bucket


class HealthMessage(_Line):
    """The cluster's health, about once a second."""

    message: Literal["health"] = "health"
    health: Health


class NoticeMessage(_Line):
    """Something that a person should know; repeated ones are held back."""

    message: Literal["notice"] = "notice"
    level: NoticeLevel = "warning"
    text: str
    kind: str = ""
    """What is the same in all notices of a kind."""
    held_back: int = 0
    """Notices of this kind that were held back since the one before."""


class WaitingMessage(_Line):
    """What the probe waits for before it answers the command that it works on."""

    message: Literal["waiting"] = "waiting"
    what: str
    matter: str = ""
    """The same without its figures."""


class Failed(_Line):
    """Why the probe ends without a result."""

    message: Literal["failed"] = "failed"
    text: str
    hint: str = ""
    usage: bool = False
    """Whether the cause is a mistake in what the user wrote."""


Answer = Quiet | Settled | Finished
ProbeMessage = Annotated[
    Ready
    | Quiet
    | Settled
    | Finished
    | BucketMessage
    | HealthMessage
    | NoticeMessage
    | WaitingMessage
    | Time
    | Failed,
    Field(discriminator="message"),
]
MESSAGE: TypeAdapter[ProbeMessage] = TypeAdapter(ProbeMessage)
