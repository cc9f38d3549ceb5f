from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from chaos_runner.kafka.buckets import Buckets, Slot
from chaos_runner.kafka.ledger import Ledger
from tests.unit.kafka.ledger_model import Model, ModelRecord

PARTITIONS = 2
PHASES = ("before", "during")
SLOT = Slot(0, "before")

steps = st.lists(
    st.tuples(
        st.sampled_from(
            ["send", "reject", "ack", "ack and forget", "fail", "fail written", "write twice"]
            + ["read"] * 4
            + ["look", "confirm", "tell"]
        ),
        st.integers(0, 10_000),
    ),
    max_size=120,
)


class Rig:
    """Drive the ledger and the model through the same story."""

    def __init__(self) -> None:
        self.buckets = Buckets(start=0.0)
        self.ledger = Ledger(PARTITIONS, self.buckets)
        self.model = Model()
        self.logs: list[list[ModelRecord | None]] = [[] for _ in range(PARTITIONS)]
        self.read_up_to = [0] * PARTITIONS
        self.step = 0

    def do(self, what: str, choice: int) -> None:
        self.step += 1
        pending = [record for record in self.model.records if record.state == "pending"]
        chosen = pending[choice % len(pending)] if pending else None
        match what:
            case "send" | "reject":
                self.send(choice, accept=what == "send")
            case "read":
                self.read(choice % PARTITIONS)
            case "look":
                self.ledger.look_for_suspects()
            case "confirm":
                self.confirm()
            case "tell":
                self.buckets.take_changed()
                self.buckets.drop_settled(self.step - choice % 20)
            case _ if chosen is not None:
                self.end(chosen, what)

    def send(self, choice: int, *, accept: bool) -> None:
        slot = Slot(self.step, PHASES[choice % 2])
        self.ledger.scheduled(slot)
        if not accept:
            self.ledger.rejected(slot)
            self.model.rejected.append(slot)
            return
        partition = choice % PARTITIONS
        sequence = self.ledger.next_sequence(partition)
        self.ledger.accepted(partition)
        self.model.records.append(ModelRecord(partition, sequence, slot))

    def end(self, record: ModelRecord, how: str) -> None:
        log = self.logs[record.partition]
        record.offset = len(log)
        where = record.partition, record.sequence, record.slot
        if how.startswith("fail"):
            record.state = "unknown"
            self.ledger.unknown(*where)
            if how == "fail written":
                log.append(record)
            return
        record.state = "acked"
        log.append(None if how == "ack and forget" else record)
        if how == "write twice":
            log.append(record)
        self.ledger.acked(*where, record.offset, 1.0)

    def read(self, partition: int) -> None:
        offset = self.read_up_to[partition]
        if offset == len(self.logs[partition]):
            return
        self.read_up_to[partition] += 1
        record = self.logs[partition][offset]
        if record is None:
            self.ledger.pass_by(partition, offset)
            return
        record.readings += 1
        self.ledger.seen(partition, record.sequence, record.slot, offset, 2.0)

    def confirm(self) -> None:
        for partition, ledger in enumerate(self.ledger.partitions):
            for sequence in list(ledger.suspects):
                self.ledger.confirm_lost(partition, sequence)
                for record in self.model.records:
                    if (record.partition, record.sequence) == (partition, sequence):
                        record.lost = True

    def check(self) -> None:
        totals = self.buckets.totals()
        for phase in PHASES:
            expected = self.model.counts(phase)
            told = totals[phase].model_dump() if phase in totals else dict.fromkeys(expected, 0)
            assert {name: told[name] for name in expected} == expected

    def drain(self) -> None:
        for record in self.model.records:
            if record.state == "pending":
                self.end(record, "fail")
        for partition, log in enumerate(self.logs):
            for _ in range(self.read_up_to[partition], len(log)):
                self.read(partition)
        self.ledger.look_for_suspects()
        self.confirm()


@settings(max_examples=300, deadline=None)
@given(steps)
def test_the_ledger_counts_what_a_slow_and_obvious_model_counts(
    story: list[tuple[str, int]],
) -> None:
    rig = Rig()
    for what, choice in story:
        rig.do(what, choice)
        rig.check()
    rig.drain()
    rig.check()
    lost = {record.sequence for record in rig.model.records if record.lost}
    forgotten = {
        record.sequence
        for record in rig.model.records
        if record.state == "acked" and record not in rig.logs[record.partition]
    }
    assert lost == forgotten
    assert all(total.unseen == 0 and total.pending == 0 for total in rig.buckets.totals().values())


def sent(ledger: Ledger, count: int) -> None:
    for _ in range(count):
        ledger.scheduled(SLOT)
        ledger.accepted(0)


def new_ledger() -> Ledger:
    return Ledger(1, Buckets(start=0.0))


def test_a_passed_record_is_suspected_at_once_and_lost_only_when_confirmed() -> None:
    ledger = new_ledger()
    sent(ledger, 2)
    ledger.acked(0, 0, SLOT, 0, 1.0)
    ledger.acked(0, 1, SLOT, 1, 1.0)
    ledger.seen(0, 1, SLOT, 1, 1.0)
    ledger.look_for_suspects()
    assert list(ledger.partitions[0].suspects) == [0]
    assert ledger.buckets.totals()["before"].lost == 0
    assert ledger.buckets.totals()["before"].unseen == 1
    ledger.confirm_lost(0, 0)
    totals = ledger.buckets.totals()["before"]
    assert (totals.lost, totals.unseen, totals.lost_records) == (1, 0, ["0:0@0"])


def test_a_suspect_that_the_second_reader_finds_is_not_lost() -> None:
    ledger = new_ledger()
    sent(ledger, 1)
    ledger.acked(0, 0, SLOT, 0, 1.0)
    ledger.pass_by(0, 5)
    ledger.look_for_suspects()
    ledger.seen(0, 0, SLOT, 0, None)
    totals = ledger.buckets.totals()["before"]
    assert (totals.seen, totals.lost, totals.unseen, totals.end_to_end) == (1, 0, 0, {})


def test_reading_the_same_offset_again_is_not_a_duplicate() -> None:
    ledger = new_ledger()
    sent(ledger, 1)
    for _ in range(3):
        ledger.seen(0, 0, SLOT, 7, 1.0)
    assert ledger.buckets.totals()["before"].duplicates == 0
    ledger.seen(0, 0, SLOT, 8, 1.0)
    assert ledger.buckets.totals()["before"].duplicates == 1


def test_a_record_read_before_its_ack_arrives_is_never_unseen() -> None:
    ledger = new_ledger()
    sent(ledger, 1)
    ledger.seen(0, 0, SLOT, 0, 1.0)
    ledger.acked(0, 0, SLOT, 0, 1.0)
    ledger.look_for_suspects()
    totals = ledger.buckets.totals()["before"]
    assert (totals.acked, totals.seen, totals.unseen) == (1, 1, 0)


def test_a_record_that_was_never_sent_is_a_phantom() -> None:
    ledger = new_ledger()
    ledger.seen(0, 41, SLOT, 0, 1.0)
    assert ledger.phantoms == 1
    assert ledger.buckets.totals() == {}


def test_memory_is_bounded_by_what_is_open_not_by_what_was_sent() -> None:
    ledger = new_ledger()
    for number in range(10_000):
        slot = Slot(number // 100, "before")
        ledger.scheduled(slot)
        ledger.accepted(0)
        if number % 1000 == 0:
            ledger.unknown(0, number, slot)
        else:
            ledger.acked(0, number, slot, number, 1.0)
            ledger.seen(0, number, slot, number, 2.0)
    ledger.look_for_suspects()
    partition = ledger.partitions[0]
    assert len(partition._flags) == 0
    assert len(partition._odd) == 10
    ledger.seen(0, 3000, Slot(30, "before"), 20_000, 2.0)
    assert len(partition._odd) == 9
    assert ledger.buckets.totals()["before"].seen == 9991
    assert ledger.buckets.totals()["before"].duplicates == 0
