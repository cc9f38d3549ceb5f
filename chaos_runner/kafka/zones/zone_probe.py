"""One probe on another machine, its messages on this machine's clock and in the run's seconds."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from threading import Lock

from chaos_runner.errors import ProbeError
from chaos_runner.kafka.common.messages import (
    BucketMessage,
    Finished,
    HealthMessage,
    NoticeMessage,
    ProbeMessage,
    ProbeSettings,
    Ready,
    Time,
    WaitingMessage,
)
from chaos_runner.kafka.probe.process import ProbeCommand
from chaos_runner.kafka.probe.session import Probe
from chaos_runner.kafka.zones.clock import ZoneClock
from chaos_runner.measurements.model import Bucket, Outage
from chaos_runner.shown import shown_line

_FIRST_ASKED = 8
"""How often the clock is asked for at once in the beginning: the best answer counts."""
_ASK_EVERY = 10.0
_LONGEST_TEXT = 1000
LATE = 2.0
"""Seconds by which a probe may hear late that a phase began: more, and its records are counted
under another phase than those of the others."""


class ZoneProbe:
    """The probe of one zone; `probe` is asked and ended as any other.

    Its seconds have the numbers of those of the control node's probe, which began at `start` on
    this machine's clock: each is counted as the one that it begins nearest to, half a second away
    at most. `on_message` gets what it says, with its zone.
    """

    def __init__(
        self,
        zone: str,
        settings: ProbeSettings,
        on_message: Callable[[ProbeMessage], None],
        command: ProbeCommand,
    ) -> None:
        self.zone = zone
        self.probe = Probe(settings, self._receive, command)
        self.late = ""
        """Which phase it heard of too late, and by how much."""
        self._on_message = on_message
        self._clock = ZoneClock()
        self._lock = Lock()
        self._asked: dict[int, tuple[float, str]] = {}
        self._answers = 0
        self._next = 0.0
        self._start = 0.0
        self._shift: int | None = None

    def start(self, timeout: float, start: float) -> Ready:
        """Start it beside the probe whose first record was due at `start`; see `Probe.start`."""
        self._start = start
        return self.probe.start(timeout, self._ask)

    def clock_error(self) -> float:
        """Return the seconds by which its times may be wrong on this machine's clock."""
        return self._clock.error(time.monotonic())

    def enter_phase(self, phase: str) -> None:
        """Count its records from now on under another phase, and note when it hears of it."""
        self.probe.enter_phase(phase)
        self._ask(phase)

    def on_our_clock(self, finished: Finished) -> Finished:
        """Return an account of it with its times on this machine's clock."""
        outages = [self._outage(each) for each in finished.outages]
        return finished.model_copy(update={"outages": outages})

    def _ask(self, phase: str = "") -> None:
        with self._lock:
            now = time.monotonic()
            self._asked[self.probe.tell_time()] = (now, phase)

    def _receive(self, message: ProbeMessage) -> None:
        match message:
            case Time():
                self._take_time(message)
            case BucketMessage(bucket=bucket):
                self._on_message(BucketMessage(bucket=self._counted(bucket)))
            case HealthMessage(health=health):
                here = {"elapsed": self._clock.here(health.elapsed), "zone": self.zone}
                self._on_message(HealthMessage(health=health.model_copy(update=here)))
                if time.monotonic() >= self._next:
                    self._ask_again()
            case NoticeMessage(text=text, kind=kind):
                named = {"text": self._said(text), "kind": self._said(kind)}
                self._on_message(message.model_copy(update=named))
            case WaitingMessage(what=what):
                self._on_message(message.model_copy(update={"what": self._said(what)}))

    def _take_time(self, answer: Time) -> None:
        now = time.monotonic()
        with self._lock:
            asked = self._asked.pop(answer.request, None)
        if asked is None:
            return
        when, phase = asked
        self._clock.take(when, answer.now, now)
        behind = self._clock.here(answer.now) - when
        if phase and behind > LATE + self.clock_error():
            self.late = f"it heard {behind:.0f} s late that `{phase}` began"
        self._answers += 1
        if self._answers < _FIRST_ASKED:
            self._ask_again()

    def _ask_again(self) -> None:
        self._next = time.monotonic() + _ASK_EVERY
        with suppress(ProbeError):  # it ends just now, which whoever waits for it is told
            self._ask()

    def _said(self, text: str) -> str:
        """Return a text of another machine with its zone, bounded and harmless to show."""
        return f"zone {self.zone}: {shown_line(text[:_LONGEST_TEXT])}"

    def _counted(self, bucket: Bucket) -> Bucket:
        if self._shift is None:
            began = self._clock.here(bucket.elapsed - bucket.second)
            self._shift = round(began - self._start)
        second = bucket.second + self._shift
        here = {"second": second, "elapsed": self._start + second, "zone": self.zone}
        return bucket.model_copy(update=here)

    def _outage(self, outage: Outage) -> Outage:
        end = None if outage.end is None else self._clock.here(outage.end)
        return outage.model_copy(update={"start": self._clock.here(outage.start), "end": end})
