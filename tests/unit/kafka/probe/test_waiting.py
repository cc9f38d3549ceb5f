"""What the probe waits for is told as it changes, and not ten times a second."""

from __future__ import annotations

from typing import cast

from chaos_runner.kafka.common.messages import WaitingMessage, WaitUntilQuiet
from chaos_runner.kafka.consuming.second_reader import SecondReader
from chaos_runner.kafka.probe.drain import Drain
from chaos_runner.kafka.probe.engine import Engine
from chaos_runner.kafka.probe.waiting import Waiting
from tests.unit.kafka.mock_cluster import MockCluster
from tests.unit.kafka.probe.drained_log import RECORDS, Log, Loop
from tests.unit.kafka.probe.test_engine import Rig


def test_changes_are_told_at_most_once_a_second() -> None:
    now = 0.0
    told: list[WaitingMessage] = []
    waiting = Waiting(told.append, lambda: now)
    for tenth in range(40):
        now = tenth / 10
        waiting.tell(f"{min(25, tenth)} records")
    assert [message.what for message in told] == [f"{n} records" for n in (0, 10, 20, 25)]


def test_the_engine_tells_why_its_commands_are_not_answered_yet() -> None:
    cluster = MockCluster()
    rig = Rig(cluster)
    rig.engine.start()

    def words() -> list[str]:
        return [told.what for told in rig.silence.told if isinstance(told, WaitingMessage)]

    rig.engine._waits.append(rig.engine._quiet_wait(WaitUntilQuiet(request=1, limit=60)))
    rig.run_until(lambda: bool(words()))
    rig.engine.sender.stop()
    rig.engine.sender.give_up()
    rig.engine.stop()
    cluster.close()
    assert words()[0].startswith("the cluster to be quiet: ")


def test_the_drain_tells_what_it_still_reads() -> None:
    told: list[str] = []
    loop = Loop(list(range(RECORDS)))
    log = Log(list(range(RECORDS)), RECORDS)
    Drain(cast("Engine", loop), cast("SecondReader", log), 5.0, told.append).run()
    assert told[0] == "1 partitions to be read to their end"
