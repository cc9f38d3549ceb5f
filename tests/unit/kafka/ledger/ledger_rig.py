"""Drive the ledger and the slow model through one story, over a cluster that misbehaves."""

from __future__ import annotations

from chaos_runner.kafka.ledger.buckets import Buckets, Slot
from chaos_runner.kafka.ledger.ledger import Ledger
from chaos_runner.kafka.ledger.loss_cause import cause_of
from chaos_runner.kafka.ledger.record_header import ForeignRecord
from chaos_runner.kafka.ledger.record_span import NOWHERE, Run
from chaos_runner.measurements.exposure import Exposure
from chaos_runner.measurements.model import Totals
from tests.unit.kafka.ledger.ledger_model import Model, ModelRecord, Reading
from tests.unit.kafka.ledger.records import one

GROUPS: tuple[Exposure, ...] = (Exposure.LEADER, Exposure.NONE)
"""One partition each."""
PHASES = ("before", "during")
SECOND = 1_000_000_000
MOST_AT_ONCE = 5

Entry = ModelRecord | ForeignRecord | str | None
"""What stands at an offset; None is a hole, a text a phantom."""


def run_of(records: list[ModelRecord], offset: int) -> Run:
    first = records[0]
    instants = (first.slot.second * SECOND,) * len(records)
    return Run(first.partition, first.sequence, offset, first.slot, instants, first.session)


def follows(record: ModelRecord, before: ModelRecord) -> bool:
    """Tell whether a record may stand behind another in one run."""
    return (record.partition, record.slot, record.session, record.sequence) == (
        before.partition,
        before.slot,
        before.session,
        before.sequence + 1,
    )


class Rig:
    """A log for each partition, and a reader that walks along it."""

    def __init__(self) -> None:
        self.buckets = Buckets(start=0.0)
        self.ledger = Ledger(len(GROUPS), self.buckets)
        self.model = Model(len(GROUPS))
        self.logs: list[list[Entry]] = [[] for _ in GROUPS]
        self.lows = [0 for _ in GROUPS]
        self.reader = [0 for _ in GROUPS]
        self.strangers = dict.fromkeys(("foreign", "corrupt", "phantom"), 0)
        self.seen_up_to = [0 for _ in GROUPS]
        self.session = 0
        self.step = 0

    def do(self, what: str, choice: int) -> None:
        self.step += 1
        partition = choice % len(GROUPS)
        match what:
            case "send" | "reject":
                for _ in range(1 + choice // 4 % MOST_AT_ONCE):
                    self.send(partition, choice, accept=what == "send")
            case "read" | "skip":
                self.read(partition, skip=what == "skip")
            case "read at once":
                self.read_at_once(partition)
            case "read again":
                self.reader[partition] = max(self.lows[partition], self.reader[partition] - 2)
            case "truncate":
                self.truncate(partition, choice % 4)
            case "foreign" | "corrupt":
                self.logs[partition].append(ForeignRecord(what))
            case "phantom":
                self.logs[partition].append("never sent")
            case "rebuild":
                self.session += 1
            case "look":
                self.ledger.look_for_suspects()
                self.check_suspects()
            case "tell":
                self.buckets.take_changed(self.step)
                self.buckets.drop_settled(self.step // 8 - choice % 3)
            case _:
                pending = [record for record in self.model.records if record.state == "pending"]
                if pending and what == "write at once":
                    self.write_at_once(self.pick(pending, choice))
                elif pending and what.endswith("at once"):
                    records = self.pick(pending, choice)
                    self.ack_at_once(records, nowhere=what == "ack nowhere at once")
                elif pending:
                    self.end(pending[choice % len(pending)], what)

    def send(self, partition: int, choice: int, *, accept: bool) -> None:
        slot = Slot(self.step // 8, PHASES[choice // 2 % 2], GROUPS[partition])
        instant = self.step * SECOND
        self.ledger.scheduled(partition, slot, instant)
        if not accept:
            self.ledger.rejected(partition, slot, instant, instant + SECOND)
            self.model.rejected.append(slot)
            return
        sequence = self.ledger.next_sequence(partition)
        self.ledger.accepted(partition)
        self.model.records.append(ModelRecord(partition, sequence, self.session, slot))

    def end(self, record: ModelRecord, how: str) -> None:
        log = self.logs[record.partition]
        instant, offset = record.slot.second * SECOND, len(log)
        if how.startswith("fail"):
            record.state = "unknown"
            if how == "fail written" and record.written is None:
                log.append(record)
            where = record.partition, record.sequence, record.slot
            self.ledger.indeterminate(*where, instant, self.step * SECOND)
            return
        record.state = "acked"
        if record.written is not None:
            offset = record.written
        else:
            log.append(None if how == "ack and forget" else record)
        if how == "write twice":
            log.append(record)
        if how == "ack nowhere":
            offset = NOWHERE
        else:
            record.offset = offset
            self.model.told[record.partition].append((offset, record.sequence))
        self.ledger.acked(run_of([record], offset), instant + SECOND)

    def pick(self, pending: list[ModelRecord], choice: int) -> list[ModelRecord]:
        """Return a record, and those behind it that are as pending as it is."""
        records = [pending[choice % len(pending)]]
        for record in pending:
            before = records[-1].written
            written = None if before is None else before + 1
            if follows(record, records[-1]) and record.written == written:
                records.append(record)
        return records[:MOST_AT_ONCE]

    def write_at_once(self, records: list[ModelRecord]) -> None:
        for record in records:
            if record.written is None:
                record.written = len(self.logs[record.partition])
                self.logs[record.partition].append(record)

    def ack_at_once(self, records: list[ModelRecord], *, nowhere: bool) -> None:
        self.write_at_once(records)
        for record in records:
            record.state = "acked"
            if not nowhere and record.written is not None:
                record.offset = record.written
                self.model.told[record.partition].append((record.written, record.sequence))
        run = run_of(records, NOWHERE if nowhere else records[0].written or 0)
        self.ledger.acked(run, run.instants[0] + SECOND)

    def truncate(self, partition: int, count: int) -> None:
        log = self.logs[partition]
        del log[max(self.lows[partition], len(log) - count) :]
        self.reader[partition] = min(self.reader[partition], len(log))

    def read(self, partition: int, *, skip: bool = False) -> None:
        offset = self.reader[partition]
        if offset >= len(self.logs[partition]):
            return
        self.reader[partition] += 1
        entry = None if skip else self.logs[partition][offset]
        self.model.readings[partition].append(
            Reading(offset, entry if isinstance(entry, ModelRecord) else None)
        )
        self.enter(partition, offset, entry, missed=False)

    def read_at_once(self, partition: int) -> None:
        """Read a record, and with it those behind it that make a run."""
        first = self.reader[partition]
        records: list[ModelRecord] = []
        for entry in self.logs[partition][first : first + MOST_AT_ONCE]:
            if not isinstance(entry, ModelRecord) or (records and not follows(entry, records[-1])):
                break
            records.append(entry)
        if not records:
            return
        self.reader[partition] += len(records)
        for offset, record in enumerate(records, first):
            self.model.readings[partition].append(Reading(offset, record))
            self.model.told[partition].append((offset, record.sequence))
        run = run_of(records, first)
        self.ledger.consumed(run, run.instants[0] + SECOND)

    def enter(self, partition: int, offset: int, entry: Entry, *, missed: bool) -> None:
        if offset >= self.ledger.partitions[partition].position and entry is not None:
            kind = "phantom" if isinstance(entry, str) else ""
            kind = entry.value if isinstance(entry, ForeignRecord) else kind
            if kind:
                self.strangers[kind] += 1
        match entry:
            case None:
                self.ledger.pass_by(partition, offset)
            case ForeignRecord():
                self.ledger.stranger(partition, offset, entry)
            case ModelRecord():
                self.model.told[partition].append((offset, entry.sequence))
                run = run_of([entry], offset)
                self.ledger.consumed(run, run.instants[0] + SECOND, missed=missed)
            case str():
                slot = Slot(0, PHASES[0], GROUPS[partition])
                self.ledger.consumed(
                    one(10**9, offset, slot, partition=partition), SECOND, missed=missed
                )

    def drain(self, trims: list[int]) -> None:
        """End all sends, let retention remove the oldest records, read to the end, arbitrate."""
        for record in self.model.records:
            if record.state == "pending":
                self.end(record, "fail")
        for partition, log in enumerate(self.logs):
            self.lows[partition] = min(trims[partition], len(log))
            self.reader[partition] = max(self.reader[partition], self.lows[partition])
            while self.reader[partition] < len(log):
                self.read(partition)
            self.ledger.look_for_suspects()
            self.ledger.partitions[partition].suspect_all()
            self.arbitrate(partition)
        self.ledger.look_for_suspects()

    def arbitrate(self, partition: int) -> None:
        low, log = self.lows[partition], self.logs[partition]
        suspects = self.ledger.partitions[partition].suspects
        occupied = set()
        for offset in range(low, len(log)):
            entry = log[offset]
            if isinstance(entry, ModelRecord) and not self.model.is_seen(entry):
                entry.missed = True
            if entry is not None:
                occupied.add(offset)
            self.enter(partition, offset, entry, missed=True)
        for sequence, suspect in list(suspects.items()):
            cause = cause_of(suspect.offset, low, len(log), occupied)
            self.ledger.settle(partition, sequence, cause, self.step * SECOND)
        acked = [record for record in self.model.records if record.state == "acked"]
        for record in acked:
            if record.partition == partition and not self.model.is_seen(record):
                record.impact = self.impact(record)

    def impact(self, record: ModelRecord) -> str:
        """Return by common sense why a record is not in the log."""
        low, log = self.lows[record.partition], self.logs[record.partition]
        if record.offset is None:
            return "trimmed" if low else "vanished"
        if record.offset < low:
            return "trimmed"
        if record.offset >= len(log):
            return "truncated"
        return "vanished" if log[record.offset] is None else "overwritten"

    def check_suspects(self) -> None:
        for partition, page in enumerate(self.ledger.partitions):
            assert set(page.suspects) == self.model.passed_unseen(partition)

    def check(self) -> None:
        groups = self.buckets.group_totals(self.step)
        for group in GROUPS:
            for phase in PHASES:
                expected = self.model.counts(phase, group)
                told = groups.get(group, {}).get(phase, Totals())
                assert {name: count(told, name) for name in expected} == expected
        for phase, told in self.buckets.totals(self.step).items():
            both = [self.model.counts(phase, group) for group in GROUPS]
            assert told.scheduled == sum(counts["scheduled"] for counts in both)
            assert told.consumed == sum(counts["consumed"] for counts in both)


def count(totals: Totals, name: str) -> int:
    value = getattr(totals, name)
    return sum(value.values()) if isinstance(value, dict) else int(value)
