"""The probe's main loop: send what is due, take what came back, tell what changed.

One thread owns the ledger. It sends, and takes what the threads that serve the producers, read
and ask for the cluster's health queued up; so the account needs no lock and is always whole.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from chaos_runner.kafka.cluster.health_watch import HealthPoll
from chaos_runner.kafka.common.messages import (
    BucketMessage,
    EnterPhase,
    Finish,
    HealthMessage,
    Settle,
    WaitUntilQuiet,
)
from chaos_runner.kafka.common.notices import Notices
from chaos_runner.kafka.consuming.consumer import Reading, Trouble
from chaos_runner.kafka.consuming.ingest import enter
from chaos_runner.kafka.ledger.buckets import KEEP_SECONDS
from chaos_runner.kafka.ledger.ledger import Ledger
from chaos_runner.kafka.ledger.record_header import ForeignRecord, Padding
from chaos_runner.kafka.probe.channel import Channel
from chaos_runner.kafka.probe.waiting import Waiting
from chaos_runner.kafka.probe.waits import Wait, wait_until_quiet, wait_until_settled
from chaos_runner.kafka.producing.exposure_group import Group
from chaos_runner.kafka.producing.lateness import RecentLateness
from chaos_runner.kafka.producing.producer import Sender
from chaos_runner.kafka.stalls.independent_observer import IndependentObserver
from chaos_runner.kafka.stalls.watchdogs import Watchdogs
from chaos_runner.measurements.model import Health
from chaos_runner.measurements.schedule import LONGEST_ROUND, NANOSECONDS, Schedule

_LONGEST_WAIT = LONGEST_ROUND
_LONGEST_WAIT_NANOSECONDS = int(_LONGEST_WAIT * NANOSECONDS)
_LOOK_SECONDS = 0.1
_NOTE_SECONDS, _NOTE_RECORDS = 0.25, 50
"""What came back is entered four times a second, at higher rates as soon as about so many records
have come: its instants were stamped when it came, and together it costs a fraction."""


class Engine:
    """One probe at work, from its first record to the command to finish."""

    def __init__(
        self,
        run: int,
        pad: Padding,
        schedule: Schedule,
        ledger: Ledger,
        groups: Sequence[Group],
        health: HealthPoll,
        observer: IndependentObserver,
        channel: Channel,
        notices: Notices,
        socket_timeout: float,
        *,
        shared: bool = False,
    ) -> None:
        """`shared` tells that others may write to the topic, which is then nothing to tell."""
        self._shared = shared
        self._run = run
        self._pad = pad
        self._schedule = schedule
        self.ledger = ledger
        self.notices = notices
        self._groups = groups
        self._observer = observer
        senders = {number: sender for group in groups for number, sender in group.senders.items()}
        self.sender = Sender([senders[number] for number in sorted(senders)], schedule)
        self._health_poll = health
        self._channel = channel
        self.waiting = Waiting(channel.send)
        self._health: Health | None = None
        self._recent_lateness = RecentLateness()
        self._waits: list[Wait] = []
        self._note_every = min(_NOTE_SECONDS, _NOTE_RECORDS / schedule.rate)
        self._next_note = 0.0
        self._next_round = 0
        """Up to this instant nothing but sending has to be done, in nanoseconds."""
        self._next_second = 0.0
        self._next_look = 0.0
        self.blind: dict[int, str] = {}
        """Partitions that the reader cannot read on, and why."""
        self._watchdogs = Watchdogs(groups, ledger, observer, self.blind, notices, socket_timeout)

    @property
    def began(self) -> float:
        """Return when the first record was due, `time.monotonic()`."""
        return self._schedule.start / NANOSECONDS

    def start(self) -> None:
        """Begin to read, and to ask for the cluster's health."""
        for group in self._groups:
            group.reader.start()
            group.group_producer.start()
        self._health_poll.start()

    def stop(self) -> None:
        """Ask all threads to end; they do so in their own time."""
        for group in self._groups:
            group.reader.stop()
            group.group_producer.stop()
        self._health_poll.stop()
        self._observer.stop()

    def rebuilt(self) -> dict[str, int]:
        """Return how many clients were rebuilt, by their names in `Anomalies`."""
        return {
            "rebuilt_readers": sum(group.rebuilt_readers for group in self._groups),
            "rebuilt_producers": sum(group.rebuilt_producers for group in self._groups),
        }

    def run(self) -> Finish:
        """Work until the command to finish comes, and return it."""
        while True:
            self.tick()
            for command in self._channel.take():
                match command:
                    case EnterPhase(phase=phase):
                        self.sender.enter_phase(phase, time.monotonic_ns())
                    case WaitUntilQuiet():
                        self._waits.append(self._quiet_wait(command))
                    case Settle():
                        self._waits.append(wait_until_settled(command, self.ledger))
                    case Finish():
                        self._waits.clear()
                        return command

    def tick(self) -> None:
        """Do one round of the loop; takes at most about 100 ms. Raises ControllerGoneError."""
        now = time.monotonic_ns()
        soon = min(self._next_round, now + _LONGEST_WAIT_NANOSECONDS)
        if now < soon and self.sender.send_ready(now, soon):
            return
        seconds = now / NANOSECONDS
        self.sender.send_due(now)
        if seconds >= self._next_note:
            self._next_note = seconds + self._note_every
            self._next_round = int(self._next_note * NANOSECONDS)
            self._channel.check()
            self.sender.note_reports()
            self._take_readings()
            self._take_health()
            if seconds >= self._next_second:
                self._next_second = seconds + 1.0
                self._each_second(now)
            if seconds >= self._next_look:
                self._next_look = seconds + _LOOK_SECONDS
                self._answer_waits(seconds)
        self.sender.make_ready(self._next_round)
        self.sender.wait(min(_LONGEST_WAIT, self._schedule.seconds_left(time.monotonic_ns())))

    def tell_changed(self) -> None:
        """Tell every bucket that changed since it was last told."""
        for bucket in self.ledger.buckets.take_changed(time.monotonic()):
            self._channel.send(BucketMessage(bucket=bucket))

    def _each_second(self, now: int) -> None:
        self.ledger.look_for_suspects()
        self._watchdogs.look(now / NANOSECONDS)
        self.tell_changed()
        second = self._schedule.second_of(now)
        self.ledger.buckets.drop_settled(second - KEEP_SECONDS)

    def _take_readings(self) -> None:
        for group in self._groups:
            for read in group.reader.take():
                if isinstance(read, Trouble):
                    self._note_trouble(read)
                else:
                    if read.partition in self.blind:
                        self._note_sight(read)
                    self.note_reading(read)

    def note_reading(self, reading: Reading, *, missed: bool = False) -> None:
        """Enter a reading; `missed` when the reader had missed it and a second one found it."""
        kinds = enter(self.ledger, self._schedule, self._run, self._pad, reading, missed=missed)
        for kind in kinds - ({ForeignRecord.FOREIGN} if self._shared else set()):
            self.notices.tell("warning", f"the probe's topic holds a {kind.value} record")

    def _note_trouble(self, trouble: Trouble) -> None:
        self.notices.tell("error", f"reading back fails: {trouble.text}")
        if trouble.partition >= 0:
            self.blind[trouble.partition] = trouble.text
            if trouble.out_of_range:
                self._watchdogs.note_out_of_range(trouble.partition)

    def _note_sight(self, read: Reading) -> None:
        """Note that a reader sees again, once it has come to where it had stood."""
        if read.offsets[-1] + 1 >= self.ledger.partitions[read.partition].position:
            del self.blind[read.partition]

    def _take_health(self) -> None:
        for health in self._health_poll.take():
            lateness = self.sender.take_lateness()
            own = {
                "tick_lag": round(lateness.milliseconds, 1),
                "sends": lateness.sends,
                "late_sends": lateness.late,
            }
            self._health = health.model_copy(update=own)
            self._channel.send(HealthMessage(health=self._health))
            if short := self._recent_lateness.add(lateness):
                self.notices.tell("warning", short, "short of CPU")

    def _quiet_wait(self, command: WaitUntilQuiet) -> Wait:
        return wait_until_quiet(
            command, self.ledger, self._schedule, lambda: self._health, self.notices
        )

    def _answer_waits(self, now: float) -> None:
        for wait in list(self._waits):
            obstacle = wait.obstacle()
            if not obstacle or now >= wait.deadline:
                self._waits.remove(wait)
                self.tell_changed()
                self._channel.send(wait.answer(obstacle))
            else:
                self.waiting.tell(f"{wait.what}: {obstacle}")
