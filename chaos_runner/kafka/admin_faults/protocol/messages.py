"""What passes between a run and the process that holds a fault of the cluster, a line each."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from chaos_runner.kafka.client_config.java.properties import ClientProperty
from chaos_runner.measurements.cluster_fault import ClusterChange, ClusterEnding, ClusterUndo
from chaos_runner.measurements.reading import Reading

MEMORY = 3 * 1024**3
"""Bytes that a process of these may take, a MiB for each thread included."""


class _Message(BaseModel):
    # An error must not show the line it is about: the settings hold secrets.
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Access(_Message):
    """How to reach the cluster."""

    bootstrap_servers: str
    in_file: list[ClientProperty] = Field(default=[], repr=False)
    client: dict[str, str] = Field(default={}, repr=False)


class HoldSettings(_Message):
    """One fault to put on the cluster, hold, and take back."""

    access: Access
    run: str
    fault: str
    kind: str
    change: ClusterChange
    brokers: list[int]
    """The brokers concerned."""
    lease: float
    """Seconds without a renewal after which it is taken back."""
    cap: float
    """Seconds after which no renewal keeps it."""
    record: str
    """The file in which its undo is kept."""


class UndoSettings(_Message):
    """One fault to take back, by what is known of it."""

    access: Access
    undo: ClusterUndo
    only_look: bool = False
    """Whether nothing is to be changed: what differs is told."""


class Prepared(_Message):
    """The undo, before anything is changed; `Order.apply` is waited for."""

    message: Literal["prepared"] = "prepared"
    undo: ClusterUndo


class InPlace(_Message):
    """Whether the fault is on, as the cluster itself reports it: after `apply` and each `renew`."""

    message: Literal["in_place"] = "in_place"
    effect: bool
    readings: tuple[Reading, ...]


class Ended(_Message):
    """The fault is off, or why it could not be taken back yet."""

    message: Literal["ended"] = "ended"
    ending: ClusterEnding | None = None
    error: str = ""


class Failed(_Message):
    """Why nothing was done."""

    message: Literal["failed"] = "failed"
    text: str
    hint: str = ""


Answer = Annotated[Prepared | InPlace | Ended | Failed, Field(discriminator="message")]
ANSWER: TypeAdapter[Answer] = TypeAdapter(Answer)
SESSION_SECONDS = 10
"""After which the brokers forget a member of a group whose process has died; they take no less
than 6 by default."""
ORDER_APPLY, ORDER_RENEW, ORDER_UNDO = "apply", "renew", "undo"
"""What a run writes to the process that holds a fault."""
