"""What one run knows, in the form in which signs are looked for. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from chaos_runner.journal.contents import ReadJournal
from chaos_runner.journal.events import Event, ProbeStarted
from chaos_runner.measurements.cluster_layout import ClusterLayout
from chaos_runner.measurements.exposure import Exposure
from chaos_runner.measurements.model import Health
from chaos_runner.report.story.client_view import GroupStory
from chaos_runner.report.story.model import RunStory
from chaos_runner.verdict.judgement import Judgement
from chaos_runner.wording.run_reasons import zone_words

Some = TypeVar("Some", bound=Event)


@dataclass(frozen=True)
class ObservedRun:
    """The story of a run, beside what its probe and plan knew of settings."""

    story: RunStory
    probe: ProbeStarted | None
    layout: ClusterLayout | None

    @property
    def deviated(self) -> tuple[tuple[str, Judgement], ...]:
        """Return each judgement that deviated, with its phase, and its zone if it is of one."""
        every = (
            (where, judgement)
            for phase in self.story.judgements
            for where, judgements in (
                (phase.phase, phase.judgements),
                *(
                    (f"{phase.phase} ({zone_words([zone])})", own)
                    for zone, own in phase.zones.items()
                ),
            )
            for judgement in judgements
        )
        return tuple(each for each in every if each[1].verdict == "deviated")

    def deviates(self, *tolerances: str) -> list[Judgement]:
        """Return the judgements of some tolerances that deviated."""
        return [each for _, each in self.deviated if each.tolerance in tolerances]

    def client(self, name: str) -> str | None:
        """Return a property of the probe's clients; None where it is not set."""
        return self.probe.client.get(name) if self.probe else None

    def topic(self, name: str) -> str | None:
        """Return a setting of the probe's topic; None where it is not known."""
        return self.probe.topic_settings.get(name) if self.probe else None

    def broker(self, name: str) -> str | None:
        """Return a setting of the brokers; None where it is not known."""
        return self.probe.broker_settings.get(name) if self.probe else None

    @property
    def replicas(self) -> int | None:
        """Return the fewest replicas of a probe partition."""
        placement = self.probe.placement if self.probe else {}
        return min((len(brokers) for brokers in placement.values()), default=None)

    def group(self, exposure: Exposure) -> GroupStory | None:
        """Return one exposure group."""
        groups = self.story.clients.groups if self.story.clients else ()
        return next((each for each in groups if each.group == exposure), None)

    @property
    def before(self) -> Sequence[Health]:
        """Return the cluster's answers before the first fault."""
        on = self.on
        return [each for each in self.story.health if on is None or each.elapsed < on]

    @property
    def since(self) -> Sequence[Health]:
        """Return the cluster's answers since the first fault; none where there was none."""
        on = self.on
        return [each for each in self.story.health if on is not None and each.elapsed >= on]

    @property
    def on(self) -> float | None:
        """Return when the first fault was on."""
        return min((each.on for each in self.story.faults if each.on is not None), default=None)


def observed_run(journal: ReadJournal, story: RunStory) -> ObservedRun:
    """Return what a run knows; `story` is that of the journal."""
    probes = [event for event in journal.events if isinstance(event, ProbeStarted)]
    return ObservedRun(story, probes[-1] if probes else None, journal.started.cluster)
