"""Every class of the ledger, provoked with real clients on librdkafka's mock cluster.

The mock keeps real logs but cannot cut off a tail: that is provoked by deleting the topic and
making it anew. What it cannot do at all is tested on the ledger alone: leader epochs that go
back, and a hole at an offset that an ack told.
"""

from __future__ import annotations

from functools import partial

import pytest
from confluent_kafka import KafkaError

from chaos_runner.kafka.ledger.record_header import Identity, padding
from chaos_runner.kafka.probe import drain_progress as course
from chaos_runner.measurements.exposure import Exposure
from tests.unit.kafka.ledger.records import pack
from tests.unit.kafka.mock_cluster import PRODUCE
from tests.unit.kafka.mock_probe import TOPIC, MockProbe, mock_probe

LED, REPLICATED, CONTROL = Exposure.LEADER, Exposure.FOLLOWER, Exposure.NONE

PLAIN = {"enable.idempotence": "false"}
PAD = padding(100)


def test_acked_and_seen_once_in_every_group() -> None:
    with mock_probe(exposed=[LED, REPLICATED, CONTROL]) as probe:
        probe.tick_until(lambda: probe.flows(40))
        account = probe.finish()
        during = account.totals["during"]
        assert account.complete, account.reason
        assert during.acked == during.consumed == during.scheduled >= 40
        assert (during.duplicates, during.reordered, during.lost, during.indeterminate) == (
            0,
            0,
            0,
            0,
        )
        assert sum(during.ack.values()) == sum(during.end_to_end.values()) == during.acked
        assert set(account.groups) == {LED, REPLICATED, CONTROL}
        assert sum(phases["during"].acked for phases in account.groups.values()) == during.acked
        assert probe.last_buckets() == sum(phase.consumed for phase in account.totals.values())
        assert account.anomalies.model_dump(exclude_defaults=True) == {}


def test_an_existing_topic_is_used_from_its_end_on_and_others_may_write_to_it() -> None:
    with mock_probe(others=30) as probe:
        assert [position for _, position in probe.pages] == [30, 30]
        probe.tick_until(lambda: probe.flows(60))
        probe.write(1, b"of somebody else")
        account = probe.finish()
        during = account.totals["during"]
        assert account.complete, account.reason
        assert during.acked == during.consumed == during.scheduled > 0
        assert during.lost == 0
        assert account.anomalies.model_dump(exclude_defaults=True) == {"foreign": 1}
        assert not [text for text in probe.texts if "foreign" in text]


def test_a_broker_that_is_down_leaves_records_unknown_and_an_outage_without_an_end() -> None:
    with mock_probe({"delivery.timeout.ms": "1500"}, exposed=[LED, CONTROL]) as probe:
        probe.tick_until(probe.flows)
        probe.cluster.set_down(1)
        probe.tick_until(lambda: probe.counts["indeterminate"] > 20)
        account = probe.finish(limit=4)
        hit, spared = (
            account.groups[LED]["during"],
            account.groups[CONTROL]["during"],
        )
        assert hit.indeterminate > 20
        assert sum(hit.ack_censored.values()) == hit.indeterminate + hit.rejected
        assert (spared.indeterminate, spared.lost, spared.acked) == (0, 0, spared.scheduled)
        # On a busy machine the spared partition, too, may miss an ack for a while.
        lasting = [gap for gap in account.outages if gap.end is None]
        assert [(gap.partition, gap.group) for gap in lasting] == [(0, LED)]
        assert not account.complete
        assert "partition 0" in account.reason


def test_an_outage_ends_with_the_next_ack_and_loses_nothing() -> None:
    with mock_probe(exposed=[LED, CONTROL]) as probe:
        probe.tick_until(probe.flows)
        probe.cluster.set_down(1)
        before = probe.counts["scheduled"]
        probe.tick_until(lambda: probe.counts["scheduled"] > before + 300)
        probe.cluster.set_up(1)
        acked = probe.pages[0][0]
        probe.tick_until(lambda: probe.pages[0][1] > acked + 50)
        account = probe.finish()
        assert account.complete, account.reason
        assert account.totals["during"].acked == account.totals["during"].scheduled
        (gap,) = account.outages
        assert gap.end is not None
        assert (gap.partition, gap.group) == (0, LED)
        assert gap.end - gap.start >= 1


def test_a_refused_record_is_unknown_for_its_impact_is_the_clients_word_alone() -> None:
    with mock_probe(PLAIN) as probe:
        probe.tick_until(probe.flows)
        probe.cluster.fail_requests(PRODUCE, [KafkaError.MSG_SIZE_TOO_LARGE])
        probe.tick_until(lambda: probe.counts["indeterminate"] > 0)
        account = probe.finish()
        during = account.totals["during"]
        assert account.complete, account.reason
        assert during.indeterminate > 0
        assert during.consumed == during.acked == during.scheduled - during.indeterminate


def test_a_full_queue_rejects() -> None:
    with mock_probe({"queue.buffering.max.messages": "10", "delivery.timeout.ms": "3000"}) as probe:
        probe.tick_until(probe.flows)
        probe.cluster.set_down(1)
        probe.tick_until(lambda: probe.counts["rejected"] > 20)
        probe.cluster.set_up(1)
        account = probe.finish()
        during = account.totals["during"]
        assert account.complete, account.reason
        assert during.rejected > 20
        assert during.acked + during.indeterminate + during.rejected == during.scheduled
        assert sum(during.ack_censored.values()) == during.rejected + during.indeterminate


def test_acks_that_come_too_late_make_duplicates_without_idempotence() -> None:
    with mock_probe(PLAIN) as probe:
        probe.tick_until(probe.flows)
        probe.cluster.answer_late(1, PRODUCE, KafkaError.NO_ERROR, 3000)
        probe.tick_until(lambda: probe.counts["duplicates"] > 0)
        account = probe.finish()
        during = account.totals["during"]
        assert account.complete, account.reason
        assert during.duplicates > 0
        assert (during.lost, during.consumed) == (0, during.acked + during.indeterminate)


def test_a_retry_that_is_overtaken_reorders_without_idempotence() -> None:
    with mock_probe(PLAIN) as probe:
        probe.tick_until(probe.flows)
        probe.cluster.answer_late(1, PRODUCE, KafkaError.NOT_ENOUGH_REPLICAS, 300)
        probe.tick_until(lambda: probe.counts["reordered"] > 0)
        account = probe.finish()
        during = account.totals["during"]
        assert account.complete, account.reason
        assert (during.lost, during.duplicates, during.consumed) == (0, 0, during.acked)


def _is_acked_beyond(probe: MockProbe, least: int) -> bool:
    return probe.pages[0][0] > least


def test_a_retry_that_is_taken_for_a_duplicate_but_was_never_written_is_lost() -> None:
    """The mock remembers the number of a request that it refused: a broker's bug, and found."""
    with mock_probe() as probe:
        probe.tick_until(probe.flows)
        # More than once: a starved machine may have no second request under way meanwhile.
        for _ in range(3):
            probe.cluster.answer_late(1, PRODUCE, KafkaError.NOT_ENOUGH_REPLICAS, 300)
            least = probe.pages[0][0] + 100
            probe.tick_until(partial(_is_acked_beyond, probe, least))
        account = probe.finish()
        during = account.totals["during"]
        assert account.complete, account.reason
        assert during.lost == account.anomalies.vanished > 0
        assert (during.reordered, during.duplicates) == (0, 0)
        assert during.consumed + during.lost == during.acked
        assert all(lost.offset == -1 for lost in during.lost_records)


def test_what_others_wrote_is_told_apart() -> None:
    with mock_probe() as probe:
        probe.tick_until(probe.flows)
        identity = Identity(probe.run, 0, 10**9, 0, 0)
        changed = bytearray(pack(identity, PAD))
        changed[-1] ^= 1
        probe.write(0, b"hello")
        probe.write(0, pack(identity._replace(run=probe.run ^ 1), PAD))
        probe.write(0, bytes(changed))
        probe.write(0, pack(identity, PAD))
        probe.write(1, pack(identity._replace(sequence=0), PAD))
        probe.write(1, pack(identity._replace(partition=1, sequence=0, phase=99), PAD))
        account = probe.finish()
        during = account.totals["during"]
        assert account.complete, account.reason
        assert (during.consumed, during.lost) == (during.acked, 0)
        found = account.anomalies.model_dump(exclude_defaults=True)
        assert found == {"foreign": 2, "corrupt": 1, "phantom": 3}


def test_what_retention_removed_unread_is_inconclusive() -> None:
    with mock_probe() as probe:
        probe.tick_until(probe.flows)
        probe.halt_readers()
        end = probe.pages[0][0]
        probe.tick_until(lambda: probe.pages[0][0] > end + 50)
        probe.cluster.delete_records(TOPIC, 0, probe.pages[0][0])
        account = probe.finish(limit=3)
        assert account.anomalies.trimmed >= 40
        assert account.totals["during"].lost == 0
        assert account.totals["during"].not_yet_consumed == account.anomalies.trimmed
        assert not account.complete
        assert "partition 0: retention removed" in account.reason


def test_what_a_dead_reader_missed_the_second_reader_finds() -> None:
    with mock_probe() as probe:
        probe.tick_until(probe.flows)
        probe.halt_readers()
        probe.tick_until(lambda: probe.pages[0][0] > probe.pages[0][1] + 30)
        account = probe.finish(limit=3)
        during = account.totals["during"]
        assert account.complete, account.reason
        assert (during.lost, during.not_yet_consumed, during.consumed) == (0, 0, during.acked)
        assert account.anomalies.reader_missed >= 30
        assert sum(during.end_to_end_censored.values()) == account.anomalies.reader_missed


def test_a_log_that_begins_anew_has_lost_what_it_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(course, "TRUNCATED_SECONDS", 1.0)
    with mock_probe(PLAIN, rate=400) as probe:
        probe.tick_until(probe.flows)
        probe.halt_readers()
        start = probe.pages[0][1]
        probe.tick_until(lambda: probe.pages[0][0] > start + 100)
        probe.cluster.create_topic_anew(TOPIC, 2)
        acked = probe.counts["acked"]
        probe.tick_until(lambda: probe.counts["acked"] > acked + 2 * start + 60)
        account = probe.finish(limit=20)
        during, anomalies = account.totals["during"], account.anomalies
        assert not account.complete
        assert anomalies.withdrawn >= 2 * 20
        assert during.lost == anomalies.overwritten + anomalies.truncated >= 100
        assert anomalies.overwritten > 0
        assert anomalies.truncated > 0
        assert during.not_yet_consumed == anomalies.vanished == 0
        assert during.consumed + during.lost == during.acked
        assert anomalies.truncations


def test_a_reader_that_retention_overtook_goes_on_at_the_beginning_of_the_log() -> None:
    with mock_probe(exposed=[LED, CONTROL]) as probe:
        probe.tick_until(probe.flows)
        probe.halt_readers()
        end, position = probe.pages[0]
        probe.tick_until(lambda: probe.pages[0][0] > end + 50)
        low = probe.pages[0][0]
        probe.cluster.delete_records(TOPIC, 0, low)
        probe.read_on()
        probe.tick_until(lambda: probe.pages[0][1] > low + 50)
        assert probe.engine.blind == {}
        assert any("lost its place: the log of partition 0" in text for text in probe.texts)
        account = probe.finish()
        during, anomalies = account.totals["during"], account.anomalies
        assert (anomalies.rebuilt_readers, anomalies.truncations) == (1, [])
        assert 40 <= anomalies.trimmed == during.not_yet_consumed <= low - position
        assert during.consumed + during.not_yet_consumed == during.acked
        assert (during.lost, during.duplicates, anomalies.reader_missed) == (0, 0, 0)
        assert not account.complete


def test_a_reader_goes_on_in_a_log_that_was_cut_off_behind_it() -> None:
    with mock_probe(PLAIN, rate=400) as probe:
        probe.tick_until(lambda: probe.flows(200))
        probe.halt_readers()
        position = probe.pages[0][1]
        probe.tick_until(lambda: probe.pages[0][0] > position + 50)
        probe.cluster.create_topic_anew(TOPIC, 2)
        acked = probe.counts["acked"]
        probe.tick_until(lambda: probe.counts["acked"] > acked + 50)
        probe.read_on()
        probe.tick_until(lambda: probe.pages[0][1] > position + 100)
        assert probe.engine.blind == {}
        account = probe.finish()
        during, anomalies = account.totals["during"], account.anomalies
        assert not account.complete
        assert anomalies.withdrawn >= 2 * 200
        assert anomalies.rebuilt_readers >= 1
        assert anomalies.truncations
        assert during.lost == anomalies.overwritten + anomalies.truncated >= 50
        assert during.consumed + during.lost == during.acked
        assert (during.not_yet_consumed, during.duplicates, anomalies.reader_missed) == (0, 0, 0)


def test_acks_nobody_asked_for_hide_a_loss_that_is_found_all_the_same() -> None:
    with mock_probe({"acks": "0"}) as probe:
        probe.tick_until(lambda: probe.counts.get("consumed", 0) > 50)
        probe.cluster.fail_requests(PRODUCE, [KafkaError.NOT_ENOUGH_REPLICAS])
        seen = probe.counts["consumed"]
        probe.tick_until(lambda: probe.counts["consumed"] > seen + 50)
        account = probe.finish()
        during = account.totals["during"]
        assert account.complete, account.reason
        assert during.lost == account.anomalies.vanished > 0
        assert during.consumed + during.lost == during.acked
