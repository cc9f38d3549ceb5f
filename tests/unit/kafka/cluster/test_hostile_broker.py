"""A server that calls itself a broker says what it likes: real clients of ours ask it."""

from __future__ import annotations

import resource
from collections.abc import Callable

import pytest

from chaos_runner.errors import ProbeError
from chaos_runner.kafka.client_config.client_settings import client_settings
from chaos_runner.kafka.cluster.connectivity import named_reasons
from chaos_runner.kafka.cluster.min_isr import min_isr_of
from chaos_runner.kafka.common.messages import NoticeMessage
from chaos_runner.kafka.common.notices import Notices
from chaos_runner.kafka.probe.session import Probe, ProbeSettings
from chaos_runner.kafka.survey.process import checked_cluster, survey
from chaos_runner.kafka.survey.survey import _resolved
from chaos_runner.measurements.cluster_snapshot import Broker
from tests.unit.kafka.hostile_broker import HostileCluster, hostile_broker

ORDERS = {"orders": [(0, 1, [1])]}
PAINTED = "\x1b[31mno\nall hosts: clean"


def as_survey(servers: str) -> str:
    with pytest.raises(ProbeError) as told:
        survey(servers, {})
    return told.value.message


def as_doctor(servers: str) -> str:
    *_, last = checked_cluster(servers, {})
    assert last.state == "problem"
    return last.text


def as_probe(servers: str) -> str:
    probe = Probe(ProbeSettings(run="test", bootstrap_servers=servers), lambda _: None)
    with pytest.raises(ProbeError) as told:
        probe.start(timeout=20)
    return told.value.message


EVERYBODY = pytest.mark.parametrize("asks", [as_survey, as_doctor, as_probe])


def test_an_honest_one_is_surveyed() -> None:
    with hostile_broker(HostileCluster(topics=ORDERS, groups=["billing"])) as cluster:
        found = survey(cluster.bootstrap, {})
    assert [str(each) for each in found.partitions] == ["orders-0"]


@pytest.mark.parametrize("limit", ["abc", "-1", "9" * 5000, "\u0663", "1.5", ""])
def test_a_limit_that_is_no_number_is_unknown(limit: str) -> None:
    settings = {"min.insync.replicas": limit}
    assert min_isr_of({"orders": settings, "other": {"min.insync.replicas": "2"}}) == {"other": 2}
    with hostile_broker(HostileCluster(topics=ORDERS, settings=settings)) as cluster:
        assert survey(cluster.bootstrap, {}).min_insync_replicas == {}


def test_a_name_that_no_resolver_takes_is_unknown() -> None:
    long = Broker("a" * 300, 9092)
    assert _resolved({1: long}) == {1: long}


@EVERYBODY
def test_an_answer_that_crashes_the_client_library_crashes_nothing_else(
    asks: Callable[[str], str],
) -> None:
    """Librdkafka's Python side takes a text that is no UTF-8 for a pointer."""
    broken = HostileCluster(topics=ORDERS, cluster="\udcff\udcfe")
    with hostile_broker(broken) as cluster:
        assert "ended" in asks(cluster.bootstrap)


@EVERYBODY
def test_names_that_no_cluster_has_are_refused_on_one_line(asks: Callable[[str], str]) -> None:
    for cluster in (
        HostileCluster(brokers=[(1, f"kafka-1{PAINTED}", 9092)], topics=ORDERS),
        HostileCluster(topics={f"orders{PAINTED}": [(0, 1, [1])]}),
    ):
        with hostile_broker(cluster) as running:
            told = asks(running.bootstrap)
        assert "\\x1b[31mno\\nall hosts: clean" in told


@EVERYBODY
def test_brokers_beyond_all_measure_are_not_followed(asks: Callable[[str], str]) -> None:
    many = [(each, f"127.1.{each // 200}.{each % 200 + 1}", 9092) for each in range(2_100)]
    with hostile_broker(HostileCluster(brokers=many, topics=ORDERS)) as cluster:
        assert "names 2100 brokers" in asks(cluster.bootstrap)


def test_a_thread_for_each_of_ten_thousand_brokers_takes_only_what_a_survey_may() -> None:
    many = [(each, f"127.1.{each // 200}.{each % 200 + 1}", 9092) for each in range(9_000)]
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    with hostile_broker(HostileCluster(brokers=many, topics=ORDERS)) as cluster:
        as_survey(cluster.bootstrap)
    after = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    assert after <= max(before, 640 * 1024)  # KiB; without a limit it takes 1 GiB


@pytest.mark.parametrize("asks", [as_doctor, as_probe])
def test_a_refusal_paints_no_terminal_and_adds_no_line(asks: Callable[[str], str]) -> None:
    with hostile_broker(HostileCluster(topics=ORDERS, refusal=(44, PAINTED))) as cluster:
        told = asks(cluster.bootstrap)
    assert told.endswith("\\x1b[31mno\\nall hosts: clean")


def test_a_topic_of_more_partitions_than_are_followed_is_refused() -> None:
    topics = {"orders": [(each, 1, [1]) for each in range(2_001)]}
    with hostile_broker(HostileCluster(topics=topics)) as cluster:
        settings = ProbeSettings(run="test", bootstrap_servers=cluster.bootstrap, topic="orders")
        with pytest.raises(ProbeError, match="it has 2001 partitions, and at most 2000"):
            Probe(settings, lambda _: None).start(timeout=20)


def test_words_that_are_new_each_time_do_not_fill_the_journal() -> None:
    told: list[NoticeMessage] = []
    notices = Notices(told.append, client_settings("127.0.0.1:9092", {}), lambda: 0.0)
    for number in range(1000):
        notices.tell("warning", f"{number} {PAINTED * 1000}")
    assert len(told) == 101
    assert told[-1].text == "more kinds of notices than are told: 100 in 10 s"
    assert max(len(each.text) + len(each.kind) for each in told) <= 2000


def test_a_notice_stays_on_its_line() -> None:
    told: list[NoticeMessage] = []
    Notices(told.append, client_settings("127.0.0.1:9092", {})).tell("warning", PAINTED)
    assert told[0].text == "\\x1b[31mno\\nall hosts: clean"


def test_thousands_of_servers_do_not_fill_a_message() -> None:
    reasons = {f"kafka-{each}:9092": "Connection refused" for each in range(2_000)}
    assert named_reasons(reasons).endswith("kafka-9:9092: Connection refused; and 1990 more")
