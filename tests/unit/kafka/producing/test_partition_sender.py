"""What waits, what goes, and what is told of it: the senders and the sender before them."""

from __future__ import annotations

import math

import pytest

from chaos_runner.measurements.histogram import percentile
from chaos_runner.measurements.schedule import NANOSECONDS
from chaos_runner.threads.background import Background
from tests.unit.kafka.producing.partition_sender_rig import MILLISECOND, Broker, Rig


def test_records_beyond_five_in_flight_wait_and_then_go_all_at_once() -> None:
    broker = Broker()
    rig = Rig(broker)
    rig.put(20)
    assert (len(broker.values), rig.open_records) == (5, 20)
    broker.acknowledge(1)
    rig.partition_sender.hand_over(0)
    assert len(broker.values) == 20
    broker.acknowledge(19)
    assert rig.open_records == 0
    assert (rig.totals.scheduled, rig.totals.acked) == (20, 20)


def test_a_hand_over_makes_room_only_when_less_than_five_of_it_are_in_flight() -> None:
    broker = Broker()
    rig = Rig(broker)
    rig.put(20)
    broker.acknowledge(1)
    rig.put(1)
    assert len(broker.values) == 21
    rig.put(1)
    broker.acknowledge(15)
    rig.partition_sender.hand_over(0)
    assert len(broker.values) == 21
    broker.acknowledge(1)
    rig.partition_sender.hand_over(0)
    assert len(broker.values) == 22


def test_records_that_come_while_others_linger_go_along_with_them() -> None:
    broker = Broker()
    rig = Rig(broker, linger=0.005)
    rig.sender.send_due(9 * MILLISECOND)
    assert len(broker.values) == 10
    rig.put(3)  # within 4 of the 5 ms for which the first ones linger
    assert len(broker.values) == 13
    rig.put(20)  # the request is on its way, with more than five records
    assert len(broker.values) == 13
    broker.acknowledge(9)
    rig.partition_sender.hand_over(40 * MILLISECOND)
    assert len(broker.values) == 33


def test_a_request_that_is_full_while_it_lingers_takes_no_more() -> None:
    broker = Broker()
    rig = Rig(broker, size=200_000, linger=0.005)
    rig.sender.send_due(2 * MILLISECOND)
    rig.put(1)
    assert len(broker.values) == 4
    rig.put(1)  # four in flight: a further request may go
    assert len(broker.values) == 5
    rig.sender.send_due(40 * MILLISECOND)
    assert len(broker.values) == 5


def test_a_hand_over_fits_into_one_request() -> None:
    broker = Broker()
    rig = Rig(broker, size=200_000)
    rig.put(5)
    rig.put(11)
    broker.acknowledge(1)
    rig.partition_sender.hand_over(0)
    assert len(broker.values) == 5 + 4
    broker.acknowledge(4)
    rig.partition_sender.hand_over(0)
    assert len(broker.values) == 5 + 4 + 4


def test_a_producer_without_idempotence_takes_everything_at_once() -> None:
    broker = Broker()
    Rig(broker, most_in_flight=math.inf).put(50)
    assert len(broker.values) == 50


def test_order_and_numbers_survive_the_waiting() -> None:
    broker = Broker()
    rig = Rig(broker)
    for _ in range(10):
        rig.put(7)
        broker.acknowledge(len(broker.waiting))
    rig.partition_sender.hand_over(0)
    identities = rig.sent()
    assert [one.sequence for one in identities] == list(range(70))
    assert [one.scheduled for one in identities] == [slot * MILLISECOND for slot in range(70)]


def test_the_wait_counts_into_the_ack_latency() -> None:
    broker = Broker()
    rig = Rig(broker)
    rig.put(1, later=30 * MILLISECOND)
    rig.now = 34 * MILLISECOND
    broker.acknowledge(31)
    assert percentile(rig.totals.ack, 100) == pytest.approx(34, rel=1 / 64)
    assert percentile(rig.totals.ack, 0) == pytest.approx(4, rel=1 / 64)


def test_a_refused_record_spends_no_number() -> None:
    broker = Broker(room=2)
    rig = Rig(broker)
    rig.put(3)
    assert (rig.totals.scheduled, rig.totals.rejected) == (3, 1)
    broker.acknowledge(2)
    rig.put(1)
    assert rig.sent()[-1].sequence == 2
    assert "takes no more records: Local: Queue full" in rig.told[0].text


def test_a_record_refused_amid_others_has_spent_its_number() -> None:
    broker = Broker()
    rig = Rig(broker)
    broker.refused = {1, 3}
    rig.put(1, later=3 * MILLISECOND)
    assert [one.sequence for one in rig.sent()] == [0, 2]
    assert (rig.totals.rejected, rig.totals.indeterminate, rig.open_records) == (1, 1, 2)
    broker.acknowledge(2)
    broker.refused = set()
    rig.put(1)
    assert rig.sent()[-1].sequence == 3
    assert (rig.totals.acked, rig.totals.pending) == (2, 1)


def test_acks_count_alike_in_whatever_order_and_with_whatever_offsets_they_come() -> None:
    for order in ([0, 1, 2, 3], [3, 2, 1, 0], [1, 0, 2, 3]):
        for offsets in ([7, 8, 9, 10], [None] * 4, [7, None, 9, 12]):
            broker = Broker()
            rig = Rig(broker)
            rig.put(1, later=3 * MILLISECOND)
            rig.now = 9 * MILLISECOND
            broker.acknowledge_as([(place, offsets[place]) for place in order])
            page = rig.ledger.partitions[0]
            awaited = {
                number: run.distance
                for run in page._unread.runs
                for number in range(run.first, run.end)
            }
            distances = [None if at is None else at - place for place, at in enumerate(offsets)]
            assert [awaited[place] for place in range(4)] == distances
            assert (rig.totals.acked, rig.open_records) == (4, 0)
            assert [percentile(rig.totals.ack, each) for each in (0, 100)] == [
                pytest.approx(6, rel=1 / 64),
                pytest.approx(9, rel=1 / 64),
            ]


def test_a_hand_over_across_phases_and_seconds_is_counted_in_each() -> None:
    broker = Broker()
    rig = Rig(broker)
    rig.sender.send_due(998 * MILLISECOND)
    broker.acknowledge(999)
    rig.put(3)
    rig.schedule.begin_phase("during")
    rig.sender.send_due(1_005 * MILLISECOND)
    rig.now = 1_010 * MILLISECOND
    broker.acknowledge(7)
    told = {(each.second, each.phase): each.acked for each in rig.ledger.buckets.take_changed(2.0)}
    assert told == {(0, "before"): 1000, (1, "before"): 2, (1, "during"): 4}
    assert [one.phase for one in rig.sent()[-5:]] == [1, 2, 2, 2, 2]


def test_a_full_sender_rejects() -> None:
    rig = Rig(Broker(), most_held=10)
    rig.put(20)
    assert (rig.totals.rejected, rig.open_records) == (5, 15)


def test_a_failed_send_is_unknown_and_makes_room() -> None:
    broker = Broker()
    rig = Rig(broker)
    rig.put(6)
    broker.fail(5)
    rig.partition_sender.hand_over(0)
    assert (rig.totals.indeterminate, len(broker.values)) == (5, 6)
    assert "may or may not be written" in rig.told[0].text


def test_giving_up_rejects_what_was_never_handed_over() -> None:
    rig = Rig(Broker())
    rig.put(8)
    rig.partition_sender.give_up()
    assert (rig.totals.rejected, rig.totals.pending) == (3, 5)


def test_each_partition_gets_every_so_many_th_slot_however_they_come() -> None:
    broker = Broker()
    rig = Rig(broker, most_in_flight=math.inf, senders=3)
    for later in (0, 1, 10, 4, 0, 2):
        rig.put(1, later * MILLISECOND)
    instants = {one.scheduled: one.partition for one in rig.sent()}
    assert instants == {slot * MILLISECOND: slot % 3 for slot in range(rig.schedule.next_slot)}


def test_only_reports_of_a_partition_whose_records_wait_end_the_wait() -> None:
    broker = Broker()
    rig = Rig(broker, senders=2)
    rig.put(11)  # of the first partition one waits for five in flight, of the second none
    broker.serve = rig.group_producer.serve  # as the thread does, which notes nothing
    first, second, *others = broker.waiting
    waiting = Background("wait", lambda: rig.sender.wait(60))
    waiting.start()
    broker.waiting = [second]
    broker.acknowledge(1)
    waiting.join(0.2)
    assert waiting.is_alive()
    broker.waiting = [first, *others]
    broker.acknowledge(1)
    waiting.join(30)
    assert not waiting.is_alive()
    waiting.check()


def test_a_stall_is_counted_in_the_seconds_it_took_records_from() -> None:
    rig = Rig(Broker(), most_in_flight=math.inf)
    rig.sender.send_due(int(2.5 * NANOSECONDS))
    rig.sender.note_reports()
    counted = [(each.second, each.scheduled) for each in rig.ledger.buckets.take_changed(0.0)]
    assert counted == [(0, 1000), (1, 1000), (2, 501)]


def test_lateness_counts_the_records_that_were_due_too_long_ago() -> None:
    rig = Rig(Broker(), most_in_flight=math.inf)
    rig.sender.send_due(200 * MILLISECOND)
    lateness = rig.sender.take_lateness()
    assert (lateness.sends, lateness.late, lateness.most) == (201, 151, 200 * MILLISECOND)
    rig.put(10)
    lateness = rig.sender.take_lateness()
    assert (lateness.sends, lateness.late, lateness.most) == (10, 0, 0)


def test_a_new_producer_begins_a_session_and_leaves_open_records_unknown() -> None:
    old, new = Broker(), Broker()
    rig = Rig(old)
    rig.brokers.append(new)
    new.serve = rig.serve
    rig.put(8)
    rig.group_producer.renew()
    rig.partition_sender.begin_session()
    rig.partition_sender.hand_over(0)
    assert (len(old.values), len(new.values)) == (5, 1)
    new.acknowledge(1)
    rig.partition_sender.hand_over(0)
    rig.broker = new
    assert {(one.session, one.sequence) for one in rig.sent()} == {(1, 5), (1, 6), (1, 7)}
    rig.put(4)
    assert len(new.values) == 6
    new.acknowledge(5)
    rig.partition_sender.hand_over(0)
    assert len(new.values) == 7
    new.acknowledge(1)
    rig.serve()
    assert (rig.totals.indeterminate, rig.totals.acked, rig.open_records) == (5, 7, 0)


def test_a_fatal_error_is_kept_until_a_new_producer_is_there() -> None:
    old, new = Broker(), Broker()
    rig = Rig(old)
    rig.brokers.append(new)
    old.fatal = True
    rig.put(3)
    assert (rig.totals.rejected, bool(rig.group_producer.fatal)) == (3, True)
    rig.group_producer.renew()
    rig.partition_sender.begin_session()
    rig.put(2)
    assert (len(new.values), rig.totals.rejected, rig.group_producer.fatal) == (1, 3, "")


def test_a_record_that_waited_as_long_as_a_client_would_try_is_rejected() -> None:
    rig = Rig(Broker(), patience=0.05)
    rig.put(5)
    rig.put(40)
    assert rig.partition_sender.held == 40
    rig.put(30)
    # The slots are a millisecond apart, so the 51 newest have waited for at most 50 ms.
    assert rig.totals.rejected == 19
    assert rig.partition_sender.held == 51
    assert "delivery timeout" in rig.told[0].text


def test_one_record_goes_ahead_of_a_new_session() -> None:
    broker = Broker()
    rig = Rig(broker, proved=False)
    rig.put(8)
    assert len(broker.values) == 1
    broker.acknowledge(1)
    rig.put(1)
    assert len(broker.values) == 9
