"""The probe of the control node and those of the zones, asked and ended as one."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from chaos_runner.attempt import Attempt
from chaos_runner.errors import ChaosRunnerError
from chaos_runner.kafka.client_config.java.secret_references import variables_in
from chaos_runner.kafka.common.messages import Finished, ProbeMessage, ProbeSettings, Ready
from chaos_runner.kafka.probe.process import ProbeCommand
from chaos_runner.kafka.probe.session import Probe
from chaos_runner.kafka.zones.merging import merged
from chaos_runner.kafka.zones.zone_probe import ZoneProbe
from chaos_runner.measurements.probe_report import ZoneSetup
from chaos_runner.shown import shown_line

Asked = TypeVar("Asked")
_LONGEST_TEXT = 1000


@dataclass(frozen=True)
class LostZone:
    """A zone of which not all can be known, why, and when it was last heard."""

    zone: str
    why: str
    heard: float
    """`time.monotonic()`; a zone that speaks, and says too little, is heard now."""


class Probes:
    """One probe here and one in each zone, with the methods of a single one.

    The probe here is as any single probe: once it is dead, methods raise ProbeError. A zone whose
    probe ends or falls silent is in `lost` instead, and what is asked goes on without it.
    """

    def __init__(
        self,
        settings: ProbeSettings,
        on_message: Callable[[ProbeMessage], None],
        zones: Mapping[str, ProbeCommand] | None = None,
    ) -> None:
        self._own = Probe(settings, on_message)
        self._zones = [
            ZoneProbe(zone, _of_zone(settings, number), on_message, command)
            for number, (zone, command) in enumerate((zones or {}).items(), 1)
        ]
        self._finished = False
        self._dropped: dict[str, LostZone] = {}

    def start(self, timeout: float) -> Ready:
        """Start all, and wait until records flow from each; raise as a single one, for any.

        `timeout` is for the one here, and then for those of the zones.
        """
        ready = self._own.start(timeout)
        if not self._zones:
            return ready
        with ThreadPoolExecutor(len(self._zones), "zone") as pool:
            started = list(pool.map(lambda each: each.start(timeout, ready.began), self._zones))
        zones = {
            each.zone: ZoneSetup(topic=of_zone.topic, clock_error=round(each.clock_error(), 6))
            for each, of_zone in zip(self._zones, started, strict=True)
        }
        return ready.model_copy(update={"zones": zones})

    def wait_until_quiet(self, limit: float, cancelled: Callable[[], bool] = lambda: False) -> bool:
        """Wait until the cluster is quiet for each; see `Probe.wait_until_quiet`."""

        def over() -> bool:
            return cancelled() or not self._own.alive

        answers = self._ask(lambda probe: probe.wait_until_quiet(limit, over))
        self.raise_if_dead()
        return all(answers.values())

    def enter_phase(self, phase: str) -> None:
        """Count the records that are due from now on under another phase."""
        self._own.enter_phase(phase)
        for each in self._zones:
            with Attempt() as attempt:
                each.enter_phase(phase)
            self._note(each, attempt)

    def settle(self, limit: float) -> bool:
        """Wait until all records acked so far were consumed; False where not all were known to."""
        answers = self._ask(lambda probe: probe.settle(limit))
        return len(answers) == 1 + len(self._zones) and all(answers.values())

    def finish(self, limit: float | None = None) -> Finished:
        """Stop sending, drain, and return the account of all; the processes are then gone."""
        answers = self._ask(lambda probe: probe.finish(limit))
        self._finished = True
        if not self._zones:
            return answers[""]
        parts = {"": answers[""]}
        for each in self._zones:
            if each.zone in answers:
                parts[each.zone] = each.on_our_clock(answers[each.zone])
        lost = {each.zone: each.why for each in self._dropped.values() if each.zone not in parts}
        return merged(parts, lost)

    def lost(self) -> list[LostZone]:
        """Return the zones of which not all can be known, as it is now."""
        found = dict(self._dropped)
        for each in self._zones:
            trouble = None if self._finished else each.probe.trouble()
            if each.zone not in found and trouble is not None:
                found[each.zone] = _lost(each, trouble)
            if each.zone not in found and each.late:
                found[each.zone] = LostZone(each.zone, each.late, time.monotonic())
        return list(found.values())

    @property
    def process(self) -> int:
        """Return the id of the process here; raises ProbeError before the start."""
        return self._own.process

    @property
    def alive(self) -> bool:
        """Tell whether the probe here runs and speaks."""
        return self._own.alive

    def raise_if_dead(self) -> None:
        """Raise why the probe here is of no more use; return while it works."""
        self._own.raise_if_dead()

    def kill(self) -> None:
        """End all processes that there are; each has three seconds to delete its topic."""
        every = [self._own, *(each.probe for each in self._zones)]
        with ThreadPoolExecutor(len(every), "probe-end") as pool:
            list(pool.map(lambda probe: probe.kill(), every))

    def _ask(self, question: Callable[[Probe], Asked]) -> dict[str, Asked]:
        """Return what each answers; a zone that does not is noted, and missing."""
        answers: dict[str, Asked] = {}

        def ask(each: ZoneProbe) -> None:
            with Attempt() as attempt:
                answers[each.zone] = question(each.probe)
            self._note(each, attempt)

        with ThreadPoolExecutor(len(self._zones) or 1, "zone") as pool:
            zones = [pool.submit(ask, each) for each in self._zones]
            answers[""] = question(self._own)
            for asked in zones:
                asked.result()
        return answers

    def _note(self, each: ZoneProbe, attempt: Attempt) -> None:
        if attempt.error is not None:
            self._dropped[each.zone] = _lost(each, attempt.error)


def _lost(each: ZoneProbe, trouble: BaseException) -> LostZone:
    if isinstance(trouble, ChaosRunnerError):
        why = trouble.message
    else:
        why = f"{type(trouble).__name__}: {trouble}"
    return LostZone(
        each.zone, shown_line(why[:_LONGEST_TEXT]), each.probe.last_heard() or time.monotonic()
    )


def _of_zone(settings: ProbeSettings, number: int) -> ProbeSettings:
    """Return the settings of a zone's probe: a topic of its own, and no groups to follow twice.

    Variables that hold secrets are sent along, over the probe's standard input.
    """
    written = [settings.bootstrap_servers, *settings.client.values()]
    written += [each.value for each in settings.in_file]
    names = {name for value in written for name in variables_in(value)}
    return settings.model_copy(
        update={
            "run": f"{settings.run}-zone-{number}",
            "groups": [],
            "variables": {name: os.environ[name] for name in names if name in os.environ},
        }
    )
