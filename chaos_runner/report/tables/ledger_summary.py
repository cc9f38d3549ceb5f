"""Say what the account found wrong, class by class, each with what it means and whence it comes."""

from __future__ import annotations

from dataclasses import dataclass

from chaos_runner.measurements.model import Anomalies
from chaos_runner.report.story.formatting import count, names
from chaos_runner.report.story.model import RunStory


@dataclass(frozen=True)
class LedgerRow:
    """One class of trouble: how many records, and what that means."""

    name: str
    records: str
    meaning: str
    level: str
    """`bad` for a broken promise of Kafka, `doubtful` for what is not known or not served."""


_PROMISED = "promised"
"""Level of what an idempotent producer is promised not to see; without it, it may happen."""
_COUNTED = (
    ("lost", "Lost", "bad", "acknowledged, and neither of two readers found it"),
    (
        "indeterminate",
        "Indeterminate",
        "doubtful",
        "the client got an error: written or not, the producer cannot tell; it would send again",
    ),
    ("rejected", "Refused", "doubtful", "never sent: the client's own queue was full"),
    (
        "not_yet_consumed",
        "Not yet consumed",
        "doubtful",
        "acknowledged, and not reached by the reader",
    ),
    ("duplicates", "Duplicate", _PROMISED, "in the log again: sent again after an ack got lost"),
    ("reordered", "Reordered", _PROMISED, "read after one of its partition that was sent later"),
)
_CAUSES = (
    (
        "overwritten",
        "Lost: overwritten",
        "bad",
        "another record stands at its offset: the log was cut back and written on, as after an "
        "unclean leader election or with `acks=1`",
    ),
    (
        "truncated",
        "Lost: truncated",
        "bad",
        "the log ends before its offset: a leader that lacked it took over",
    ),
    ("vanished", "Lost: vanished", "bad", "the log goes on and holds nothing of it"),
    (
        "trimmed",
        "Removed unread",
        "doubtful",
        "retention took it before it was read: neither lost nor safe",
    ),
    (
        "reader_missed",
        "Missed by the reader",
        "doubtful",
        "in the log, and passed over by the first reader: the client's fault, not Kafka's",
    ),
    (
        "withdrawn",
        "Withdrawn",
        "bad",
        "consumed once, and cut off the log later: the next consumer gets none of them",
    ),
    ("corrupt", "Corrupt", "bad", "its checksum does not fit what was sent"),
    ("phantom", "Phantom", "bad", "bears this run's name and was never sent"),
    ("foreign", "Foreign", "doubtful", "not of this run: somebody else wrote to the probe's topic"),
)


def ledger_rows(story: RunStory) -> tuple[LedgerRow, ...]:
    """Return the classes of which there were any, over all phases but the warm-up."""
    return tuple(row for row in _rows(story) if row.records != "0")


def absent_classes(story: RunStory) -> str:
    """Return `lost, refused and foreign`: the classes that were looked for and not found."""
    absent = [row.name.lower() for row in _rows(story) if row.records == "0"]
    whole = [name for name in absent if ":" not in name]
    return names(whole, most=len(whole))


def _rows(story: RunStory) -> list[LedgerRow]:
    rows: list[LedgerRow] = []
    if story.ledger is not None:
        total = story.ledger.total
        rows += [
            LedgerRow(name, count(getattr(total, field)), meaning, _level(story, level))
            for field, name, level, meaning in _COUNTED
        ]
        if story.ledger.anomalies is not None:
            rows += _cause_rows(story.ledger.anomalies)
    return rows


def _level(story: RunStory, level: str) -> str:
    if level != _PROMISED:
        return level
    idempotent = story.probe is not None and story.probe.client.get("enable.idempotence") == "true"
    return "bad" if idempotent else "doubtful"


def _cause_rows(anomalies: Anomalies) -> list[LedgerRow]:
    return [
        LedgerRow(name, count(getattr(anomalies, field)), meaning, level)
        for field, name, level, meaning in _CAUSES
    ]
