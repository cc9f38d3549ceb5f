"""The run as curves over one time axis, with its faults and what happened meanwhile."""

from __future__ import annotations

from chaos_runner.report.charts.charts import charts_of
from chaos_runner.report.charts.geometry import WIDTH
from chaos_runner.report.charts.timeline import timeline_of
from chaos_runner.report.sections.section import Section, Subject
from chaos_runner.report.story.happenings import happenings_of


class RunOverTime(Section):
    """Phases, faults, safeguards, leader moves and notices above the curves of the probe."""

    name = "timeline"
    title = "The run over time"
    is_in_markdown = False

    def is_shown(self, subject: Subject) -> bool:
        """Tell whether the run came as far as a phase."""
        return bool(subject.story.phases)

    def facts(self, subject: Subject) -> dict[str, object]:
        """Return the frame, the charts in it, and what happened."""
        timeline = timeline_of(subject.story)
        return {
            "timeline": timeline,
            "charts": charts_of(subject.story, timeline.axis),
            "chart_width": WIDTH,
            "happenings": happenings_of(subject.story),
        }
