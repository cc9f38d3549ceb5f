"""Single records that a ledger names: those that are lost, and where a log was cut off."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class LostRecord(BaseModel):
    """A record that was acknowledged, and that two readers did not find."""

    model_config = ConfigDict(frozen=True)

    partition: int
    sequence: int
    """Which record of the probe it is in its partition."""
    offset: int
    """Where it was acknowledged; -1 where the ack did not say."""
    zone: str = Field(default="", max_length=255)
    """From where it was sent; empty for the control node."""

    def __str__(self) -> str:
        where = f"{self.zone}/" if self.zone else ""
        return f"{where}{self.partition}:{self.sequence}@{self.offset}"


class Truncation(BaseModel):
    """A place at or above which a log was cut off, and how that was noticed."""

    model_config = ConfigDict(frozen=True)

    partition: int
    offset: int
    noticed: Literal["record_acked", "record_read", "epoch_went_back", "log_ended"]
    """A record was acked, or read, where another had stood; a leader epoch went back; or the log
    ended below what was read or acknowledged."""
    record: int | None = None
    """The sequence number of the record that stands there now."""
    earlier_record: int | None = None
    epoch: int | None = None
    earlier_epoch: int | None = None
    read_to: int | None = None
    acknowledged_to: int | None = None
    """The offsets up to which the log had been read and acknowledged; null where not looked up."""
    zone: str = Field(default="", max_length=255)
    """Whose probe saw it; empty for that of the control node."""

    def __str__(self) -> str:
        where = f"{self.zone}/" if self.zone else ""
        return f"{where}{self.partition}@{self.offset}: {self._how()}"

    def _how(self) -> str:
        if self.noticed == "epoch_went_back":
            return f"the leader epoch went back from {self.earlier_epoch} to {self.epoch}"
        if self.noticed == "log_ended":
            acknowledged = self.acknowledged_to
            more = "" if acknowledged is None else f", acknowledged to {acknowledged}"
            return f"the log ends here; it had been read to {self.read_to}{more}"
        was = "acked" if self.noticed == "record_acked" else "read"
        return (
            f"record {self.record} was {was} where record {self.earlier_record} had stood, in a "
            f"log acknowledged up to {self.acknowledged_to}"
        )
